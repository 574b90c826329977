import { Buffer } from 'node:buffer';
import type { SecretAnswer, SecretStore } from '@kedge/config/template';
import { createTurns } from '@kedge/shared/kernel';
import { z } from 'zod';
import { crc32c } from '../core/crc32c.ts';
import type { AccessTokens } from '../ports.ts';
import { askGoogle, unreachable } from './google-http.ts';

interface GoogleOptions {
  /** `https://secretmanager.googleapis.com`. */
  readonly endpoint: string;
  readonly tokens: AccessTokens;
}

/** What `projects.secrets.versions.access` answers; 64-bit numbers are texts in it. */
const Accessed = z.object({ payload: z.object({ data: z.base64().default(''), dataCrc32c: z.string().optional() }) });

/** So many questions are under way at once. */
const mostAtOnce = 16;

/** Google Secret Manager, by its REST interface. */
export function createGoogleSecrets({ endpoint, tokens }: GoogleOptions): SecretStore {
  const lanes = Array.from({ length: mostAtOnce }, createTurns);
  let asked = 0;

  return {
    async access({ name, version }) {
      asked += 1;
      const inTurn = lanes[asked % mostAtOnce] ?? createTurns();
      return await inTurn(async () => {
        const url = new URL(`/v1/${name}/versions/${version}:access`, endpoint);
        const token = await tokens.get();
        const { status, body } = await askGoogle({ url, headers: { authorization: `Bearer ${token}` } });
        if (status === 401) tokens.forget(token);
        const accessed = status === 200 ? Accessed.safeParse(body) : null;
        if (accessed?.success) return secretIn(url, accessed.data);
        const reason = refusals.get(status);
        if (reason === undefined) throw unreachable(url, `it answered ${status} in a way that is not known here`);
        // Without its name: a variable may have made it.
        return { ok: false, reason: `the version of the secret that is named here ${reason} (${status} of Google Secret Manager)` };
      });
    },
  };
}

/** What the user of a secret has to mend. */
const refusals: ReadonlyMap<number, string> = new Map([
  [400, 'cannot be read: it is disabled or destroyed, or cannot be asked for by this name; enable it, or name another version'],
  [403, 'may not be read: give the account that Kedge uses there the role roles/secretmanager.secretAccessor, or correct the name'],
  [404, 'does not exist: correct the name, or add the secret and a version of it'],
]);

function secretIn(url: URL, { payload: { data, dataCrc32c } }: z.infer<typeof Accessed>): SecretAnswer {
  const bytes = Buffer.from(data, 'base64');
  if (dataCrc32c !== undefined && Number(dataCrc32c) !== crc32c(bytes)) throw unreachable(url, 'what it answered was damaged on its way');
  const value = textOf(bytes);
  return value === null
    ? { ok: false, reason: 'its secret is not text in UTF-8, and nothing else can be a variable' }
    : { ok: true, value };
}

/** Every byte counts, also a line break at the end or a mark at the beginning. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
