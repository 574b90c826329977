import type { TemplateFolder } from '../ports.ts';
import type { Engine } from './engine.ts';
import { type SecretAnswer, type SecretStore, sourceKey } from './secret-store.ts';
import type { Variables } from './variable-document.ts';
import { mergeVariables } from './variables.ts';

interface VariablePorts {
  readonly engine: Engine;
  readonly folder: Pick<TemplateFolder, 'readVariableFiles'>;
  /** Null: what lies in secret sources stays unresolved. */
  readonly store: SecretStore | null;
}

/** With what stands in for a value a file may say something else than with the value itself: then more is asked once. */
const mostRounds = 2;

/** The variables of a folder, with what lies in secret sources. Rejects when a source cannot be asked now. */
export async function readVariables({ engine, folder, store }: VariablePorts): Promise<Variables> {
  const files = await folder.readVariableFiles();
  const known = new Map<string, SecretAnswer>();
  let variables = mergeVariables({ engine, files, known });
  for (let round = 0; store && round < mostRounds; round += 1) {
    const sources = new Map([...variables.unresolved.values()].map((source) => [sourceKey(source), source]));
    const asked = [...sources].filter(([key]) => !known.has(key));
    if (asked.length === 0) break;
    const answers = await Promise.all(asked.map(async ([key, source]) => [key, await store.access(source)] as const));
    for (const [key, answer] of answers) known.set(key, answer);
    variables = mergeVariables({ engine, files, known });
  }
  return variables;
}
