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
  type SecretStore,
  scalarText,
} from '@kedge/config/template';
import type { SecretRef } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';

/** A secret as it was asked for, and what became of it. */
export interface FoundSecret {
  readonly ref: string;
  /** Where it stands in its file. */
  readonly pointer: readonly string[];
  /** Null when it is no longer the one that the fingerprint was made from, or is gone. */
  readonly value: string | null;
}

/** Reads each file once for all that are asked for. */
export type FindSecrets = (secrets: readonly SecretRef[]) => Promise<readonly FoundSecret[]>;

interface FindPorts {
  readonly engine: Engine;
  readonly folder: TemplateFolder;
  readonly key: FingerprintKey;
  readonly store: SecretStore | null;
}

/**
 * Finds secrets in the files as they are now. Fingerprints of another key cannot be compared; their values are given. Rejects when variables or
 * files cannot be had, and for what names no place.
 */
export function createFindSecrets({ engine: whole, folder, key, store }: FindPorts): FindSecrets {
  return async function findSecrets(secrets) {
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

    const found: FoundSecret[] = [];
    for (const { ref, fingerprint } of secrets) {
      const place = parsePlace(ref);
      if (!place) throw new TerminalError('SECRET_REF_INVALID', 'what is asked for names no value of the configuration');
      const value = leafAt(await documentOf(place.path), place.pointer);
      const isSame = value !== null && (isForeign(key, fingerprint) || fingerprintOf(key, { ref, value }) === fingerprint);
      found.push({ ref, pointer: place.pointer, value: isSame ? scalarText(value) : null });
    }
    return found;
  };
}
