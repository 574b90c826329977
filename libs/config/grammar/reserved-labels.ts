import type { ConfigProblem } from '@kedge/shared/contracts';
import { problemAt, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** Kedge knows by these what it made, and would not know it again. */
const ours = 'kedge.';

interface Labels {
  readonly labels: Readonly<Record<string, unknown>> | undefined;
  readonly file: TomlFile;
  /** Where they stand: as a table, or as a list of `name=value`. */
  readonly pointer: Pointer;
}

/** Labels that only Kedge itself may set. */
export function reservedLabels({ labels = {}, file, pointer }: Labels): ConfigProblem[] {
  const taken = Object.keys(labels).filter((name) => name.startsWith(ours));
  const written = taken.length > 0 ? valueAt(file.root, pointer) : null;
  return taken.map((name) => {
    const index = Array.isArray(written) ? written.findIndex((line) => typeof line === 'string' && line.startsWith(name)) : -1;
    const message = `labels that begin with "${ours}" are Kedge's own, by which it knows what it made; choose another name`;
    return problemAt(file, { pointer: [...pointer, index < 0 ? name : index], message, atKey: index < 0 });
  });
}
