import type { TemplateFolder } from '@kedge/config/template';
import {
  type Engine,
  type FingerprintKey,
  fingerprintOf,
  isForeign,
  leafAt,
  mostAnswerMs,
  parseEnvFile,
  parsePlace,
  readVariables,
  renderedDocument,
  type Scalar,
  type SecretStore,
  scalarText,
} from '@kedge/config/template';
import type { ResolveReply, ResolveRequest, SecretRef } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';

interface ResolvePorts {
  readonly engine: Engine;
  readonly folder: TemplateFolder;
  readonly key: FingerprintKey;
  readonly store: SecretStore | null;
}

/**
 * Makes the answer to `secrets.resolve` from the files as they are now. A value that is no longer the one that the fingerprint was made
 * from is refused: the watcher will declare the new one soon. Fingerprints of another key cannot be compared; their values are given.
 */
export function createResolveSecrets({ engine: whole, folder, key, store }: ResolvePorts) {
  return async function resolveSecrets({ secrets }: ResolveRequest): Promise<ResolveReply> {
    const engine = whole.within(mostAnswerMs);
    const variables = await readVariables({ engine, folder, store });
    const documents = new Map<string, unknown>();

    async function documentOf(path: string): Promise<unknown> {
      if (!documents.has(path)) documents.set(path, await readDocument(path));
      return documents.get(path);
    }

    async function readDocument(path: string): Promise<unknown> {
      if (!path.endsWith('.toml')) {
        const file = await folder.readEnvFile(path);
        return file?.text ? Object.fromEntries(parseEnvFile(file.text).variables) : null;
      }
      const file = await folder.read(path);
      return file?.text ? renderedDocument({ engine, text: file.text, variables }) : null;
    }

    const values: Record<string, string> = {};
    for (const secret of secrets) {
      const place = parsePlace(secret.ref);
      if (!place) throw new TerminalError('SECRET_REF_INVALID', 'what is asked for names no value of the configuration');
      const value = leafAt(await documentOf(place.path), place.pointer);
      values[secret.ref] = scalarText(unchanged({ key, secret, pointer: place.pointer, value }));
    }
    return { values };
  };
}

interface Found {
  readonly key: FingerprintKey;
  readonly secret: SecretRef;
  readonly pointer: readonly string[];
  /** As it is now; null when it is gone. */
  readonly value: Scalar | null;
}

/** Names the key alone: a variable may have made the path of the file. */
function unchanged({ key, secret: { ref, fingerprint }, pointer, value }: Found): Scalar {
  if (value !== null && (isForeign(key, fingerprint) || fingerprintOf(key, { ref, value }) === fingerprint)) return value;
  throw new RetryableError(
    'SECRET_CHANGED',
    `the value of "${pointer.join('.')}" changed since it was declared; it is used once the new configuration is in force`,
    { details: { key: pointer.join('.') } },
  );
}
