import { askSealed, type Bus } from '@kedge/shared/bus';
import { RegistryReply } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import type { Clock, CredentialSource, Credentials } from '../ports.ts';

/** An answer is used again for this long at most: a registry with twenty images asks twenty times in a row. */
const keptMs = 60_000;

interface SourcePorts {
  readonly bus: Bus;
  /** Public curve key of the secrets component. */
  readonly recipient: string;
  readonly clock: Clock;
}

/** Credentials from the secrets component, sealed on the way and in memory. */
export function createCredentialSource({ bus, recipient, clock }: SourcePorts): CredentialSource {
  const kept = new Map<string, { readonly credentials: Credentials | null; readonly untilMs: number }>();
  return {
    async find(registry) {
      const before = kept.get(registry);
      if (before && before.untilMs > clock.monotonicMs()) return before.credentials;
      kept.delete(registry);
      const answer = await askSealed(bus, { subject: 'secrets.registry', question: { registry }, answer: RegistryReply, recipient });
      const credentials = answer.credentials && {
        username: answer.credentials.username,
        password: new Sealed(answer.credentials.password),
      };
      kept.set(registry, { credentials, untilMs: clock.monotonicMs() + keptMs });
      return credentials;
    },
    drop: (registry) => void kept.delete(registry),
  };
}
