import type { ConfigProblem, TaintedLeaf } from '@kedge/shared/contracts';
import { TaintedText } from './leaf-forms.ts';
import { problemAt, type TomlFile, type TomlTable } from './template-file.ts';
import type { Pointer } from './toml-places.ts';

/** Tables that are checked and dropped: what stands there reaches nobody. */
const droppedTables = ['certbot', 'telemetry'];

/** Of `[service]`. */
const sealedKeys = ['command', 'entrypoint', 'labels'];

/**
 * Replaces what variables filled in `env`, `command`, `entrypoint` and `labels` by references. Everywhere else values from vars files stay as they
 * are, and a value from a secret source is a problem: the spec would carry it in the open.
 */
export function sealTainted(file: TomlFile): { readonly root: TomlTable; readonly problems: readonly ConfigProblem[] } {
  const misplaced = file.tainted.filter(
    ({ pointer, origin }) => origin === 'secret-source' && !mayHoldSecret(pointer) && !droppedTables.includes(String(pointer[0])),
  );
  const problems = misplaced.map(({ pointer }) =>
    problemAt(file, pointer, {
      message:
        'a value from a secret source may only stand in env, command, entrypoint and labels (TAINTED_NOT_ALLOWED); take this one from a vars file or write it out',
    }),
  );
  const root = file.tainted
    .filter(({ pointer }) => mayHoldSecret(pointer))
    .reduce((table, leaf) => replaceLeaf(table, leaf.pointer, leaf), file.root);
  return { root, problems };
}

function mayHoldSecret([table, key]: Pointer): boolean {
  return table === 'env' || (table === 'service' && sealedKeys.includes(String(key)));
}

/** A copy of the table in which one text leaf is a reference. Leaves that are not text stay: their type is wrong anyway. */
function replaceLeaf(table: TomlTable, [step = '', ...rest]: Pointer, { secret }: TaintedLeaf): TomlTable {
  return { ...table, [step]: replaced(table[step], rest, secret) };
}

function replaced(value: unknown, path: Pointer, secret: TaintedLeaf['secret']): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return typeof value === 'string' ? new TaintedText(secret) : value;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === step ? replaced(item, rest, secret) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, key === step ? replaced(each, rest, secret) : each]));
}
