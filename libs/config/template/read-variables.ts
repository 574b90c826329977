import type { TemplateFolder } from '../ports.ts';
import type { Engine } from './engine.ts';
import { type SecretAnswer, type SecretStore, sourceKey } from './secret-store.ts';
import { mergeVariables, type Variables } from './variables.ts';

interface VariablePorts {
  readonly engine: Engine;
  readonly folder: Pick<TemplateFolder, 'readVariableFiles'>;
  /** Null: what lies in secret sources stays unresolved. */
  readonly store: SecretStore | null;
}

/** A file may name a secret by a variable of the primary one; further than that nothing leads. */
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
