import { askSealed, type Bus } from '@kedge/shared/bus';
import { RegistryReply, ResolveReply } from '@kedge/shared/contracts';
import { errorCode, errorMessage, RetryableError, Sealed } from '@kedge/shared/kernel';
import type { SecretSource } from '../ports.ts';

interface SecretSourceOptions {
  readonly bus: Bus;
  /** The public curve key of the secrets component, as `secrets.pub` holds it. */
  readonly recipient: string;
}

/** Asks the secrets component over the bus, sealed both ways; values are wrapped before anybody else sees them. */
export function createSecretSource({ bus, recipient }: SecretSourceOptions): SecretSource {
  const to = recipient.trim();
  return {
    async resolve(secrets) {
      if (secrets.length === 0) return new Map();
      const { values } = await unlessUnavailable(
        askSealed(bus, { subject: 'secrets.resolve', question: { secrets }, answer: ResolveReply, recipient: to }),
      );
      return new Map(secrets.map(({ ref }) => [ref, sealedValue(values, ref)]));
    },

    async registryCredentials(registry) {
      const asked = askSealed(bus, { subject: 'secrets.registry', question: { registry }, answer: RegistryReply, recipient: to });
      const { credentials } = await unlessUnavailable(asked);
      return credentials && { username: credentials.username, password: new Sealed(credentials.password) };
    },
  };
}

/** What another pass can mend is said so, whatever class the error had when it crossed the bus. */
async function unlessUnavailable<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === 'SECRET_CHANGED') throw new RetryableError(code, errorMessage(thrown), { cause: thrown });
    if (code !== 'REQUEST_UNANSWERED' && code !== 'BUS_UNAVAILABLE') throw thrown;
    throw new RetryableError('SECRETS_UNAVAILABLE', 'the secrets component did not answer; check that it runs and is ready', {
      cause: thrown,
    });
  }
}

function sealedValue(values: Readonly<Record<string, string>>, ref: string): Sealed {
  const value = values[ref];
  if (value !== undefined) return new Sealed(value);
  throw new RetryableError('SECRETS_UNAVAILABLE', `the secrets component answered without a value for ${ref}`, { details: { ref } });
}
