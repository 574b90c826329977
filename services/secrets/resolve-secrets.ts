import type { TemplateFolder } from '@kedge/config/template';
import {
  type FingerprintKey,
  fingerprintOf,
  isForeign,
  leafAt,
  mergeVariables,
  parsePlace,
  parseTemplate,
  parseToml,
  renderTemplate,
  type Scalar,
  scalarText,
} from '@kedge/config/template';
import type { ResolveReply, ResolveRequest, SecretRef } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';

interface ResolvePorts {
  readonly folder: TemplateFolder;
  readonly key: FingerprintKey;
}

/**
 * Makes the answer to `secrets.resolve` from the files as they are now. A value that is no longer the one that the fingerprint was made
 * from is refused: the watcher will declare the new one soon. Fingerprints of another key cannot be compared; their values are given.
 */
export function createResolveSecrets({ folder, key }: ResolvePorts) {
  return async function resolveSecrets({ secrets }: ResolveRequest): Promise<ResolveReply> {
    const { values: variables } = mergeVariables(await folder.readVariableFiles());
    const documents = new Map<string, unknown>();

    async function documentOf(path: string): Promise<unknown> {
      if (!documents.has(path)) documents.set(path, await readDocument(folder, path, variables));
      return documents.get(path);
    }

    const values: Record<string, string> = {};
    for (const secret of secrets) {
      const place = parsePlace(secret.ref);
      if (!place) throw new TerminalError('SECRET_REF_INVALID', `"${secret.ref}" does not name a value of the configuration`);
      const value = leafAt(await documentOf(place.path), place.pointer);
      values[secret.ref] = scalarText(unchanged(key, secret, value));
    }
    return { values };
  };
}

async function readDocument(folder: TemplateFolder, path: string, variables: ReadonlyMap<string, string>): Promise<unknown> {
  const file = await folder.read(path);
  const parsed = file?.text ? parseToml(renderTemplate(parseTemplate(file.text), variables).text) : null;
  return parsed?.ok ? parsed.root : null;
}

function unchanged(key: FingerprintKey, { ref, fingerprint }: SecretRef, value: Scalar | null): Scalar {
  if (value !== null && (isForeign(key, fingerprint) || fingerprintOf(key, ref, value) === fingerprint)) return value;
  throw new RetryableError(
    'SECRET_CHANGED',
    `the value of "${ref}" changed since it was declared; it is used once the new configuration is in force`,
    {
      details: { ref },
    },
  );
}
