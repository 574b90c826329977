import { RetryableError } from '@kedge/shared/kernel';
import type { AccessTokens } from '../ports.ts';
import type { GoogleAuth } from './google-auth.ts';

interface TokenOptions {
  /** In the place of the network. */
  readonly fetch?: typeof fetch;
  readonly mostMs?: number;
}

/** Names of secrets are whole. Without this the library looks for the project of whoever runs it, for seconds. */
const projectId = 'not-needed';
const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/**
 * Tokens of Google's application default credentials, as the library finds them: the file that GOOGLE_APPLICATION_CREDENTIALS names, or
 * the account of the machine. After a failure the file is read anew.
 */
export function createGoogleTokens({ fetch: fetchImplementation = fetch, mostMs = 8_000 }: TokenOptions = {}): AccessTokens {
  let held: GoogleAuth | null = null;

  return {
    async get() {
      const { GoogleAuth } = await import('./google-auth.ts');
      // Proxies are known to fetch, so that the library need not load what it has for them.
      const transporterOptions = { fetchImplementation, noProxy: [/./] };
      held ??= new GoogleAuth({ scopes, projectId, clientOptions: { transporterOptions } });
      try {
        const token = await within(mostMs, held.getAccessToken());
        if (token) return token;
        throw new TypeError('no token');
      } catch (thrown) {
        held = null;
        throw refused(reasonOf(thrown));
      }
    },
    forget() {
      held = null;
    },
  };
}

/** A code, never the message: it may quote what stands in the file. */
function reasonOf(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error.name === 'TimeoutError') return 'no answer in time';
    if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) return String(error.code);
    if (error.message.startsWith('Could not load the default credentials')) return 'there are none';
    if (error instanceof SyntaxError) return 'the file is no JSON';
  }
  return 'they are not valid';
}

function refused(reason: string): RetryableError {
  return new RetryableError(
    'SECRET_SOURCE_CREDENTIALS',
    `Google Secret Manager cannot be asked, because of the credentials (${reason}); set KEDGE_GOOGLE_CREDENTIALS to a file of credentials, or run where the machine has an account`,
  );
}

async function within<Result>(mostMs: number, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = AbortSignal.timeout(mostMs);
  late.addEventListener('abort', () => reject(late.reason), { once: true });
  return await Promise.race([work, promise]);
}
