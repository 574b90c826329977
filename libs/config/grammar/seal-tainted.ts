import type { ConfigProblem } from '@kedge/shared/contracts';
import { TaintedText } from './leaf-forms.ts';
import type { TomlTable } from './read-toml.ts';
import { problemAt, type TomlFile, taintAt } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** Tables that are checked and dropped: what stands there reaches nobody. */
const droppedTables = ['certbot', 'telemetry'];

/** Where a value from a variable travels sealed. What is below each belongs to it. */
const sealedPlaces: readonly Pointer[] = [
  ['env'],
  ['service', 'command'],
  ['service', 'entrypoint'],
  ['service', 'labels'],
  ['service', 'healthcheck', 'test'],
  ['service', 'logging', 'options'],
  ['proxy', 'basic_auth'],
];

/**
 * Replaces what variables filled in `env`, `command`, `entrypoint`, `labels`, `healthcheck.test`, `logging.options` and `proxy.basic_auth` by references.
 * Everywhere else values from vars files stay as they are, and a value from a secret source is a problem: the spec would carry it in the open.
 */
export function sealTainted(file: TomlFile): { readonly root: TomlTable; readonly problems: readonly ConfigProblem[] } {
  const problems = file.tainted.flatMap(({ pointer, origin }) => {
    const message = origin === 'secret-source' ? misplacement(pointer, valueAt(file.root, pointer)) : null;
    return message === null ? [] : [problemAt(file, { pointer, message })];
  });
  return { root: file.tainted.length === 0 ? file.root : sealTable(file, { table: file.root, pointer: [] }), problems };
}

/** What is wrong with a value from a secret source at this place; null when nothing is. */
function misplacement(pointer: Pointer, value: unknown): string | null {
  if (droppedTables.includes(String(pointer[0]))) return null;
  if (!mayHoldSecret(pointer)) return inTheOpen;
  return typeof value === 'string'
    ? null
    : 'must be text in quotes, such as "${name}": a value from a secret source is never anything else';
}

const inTheOpen =
  'a value from a secret source may only stand in env, command, entrypoint, labels, healthcheck.test, logging.options and proxy.basic_auth (TAINTED_NOT_ALLOWED); take this one from a vars file or write it out';

function mayHoldSecret(pointer: Pointer): boolean {
  return sealedPlaces.some((place) => place.every((step, index) => pointer[index] === step));
}

/** True for what holds such a place, is one, or lies in one. */
function leadsToSecret(pointer: Pointer): boolean {
  return sealedPlaces.some((place) => place.every((step, index) => index >= pointer.length || pointer[index] === step));
}

/** A copy in which text that a variable filled is a reference. Leaves that are not text stay: their type is wrong anyway. */
function sealTable(file: TomlFile, { table, pointer }: { readonly table: object; readonly pointer: Pointer }): TomlTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, sealed(file, { value, pointer: [...pointer, key] })]));
}

function sealed(file: TomlFile, { value, pointer }: { readonly value: unknown; readonly pointer: Pointer }): unknown {
  if (!leadsToSecret(pointer)) return value;
  if (Array.isArray(value)) return value.map((item: unknown, index) => sealed(file, { value: item, pointer: [...pointer, index] }));
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return sealTable(file, { table: value, pointer });
  const taint = typeof value === 'string' && mayHoldSecret(pointer) ? taintAt(file, pointer) : null;
  return taint ? new TaintedText(taint.secret) : value;
}
