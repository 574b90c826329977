import { isTable, readToml } from './read-toml.ts';
import { lastUpTo } from './source-place.ts';
import { mostLevels } from './toml-depth.ts';
import { findTomlPlaces, type Pointer, pointerOfText } from './toml-places.ts';
import type { TomlStatement } from './toml-statements.ts';

/** What lost something: a key of a table, or all of that; null when it may be anything. */
export function pointerIn(table: Pointer | null, key: string): Pointer | null {
  const names = namesIn(key);
  const pointer = [...(table ?? []), ...names];
  return table && pointer.length > 0 && names.length < mostLevels ? pointer : null;
}

/** The names in `a."b c".d`; none of them is followed too deep. */
function namesIn(key: string): readonly string[] {
  const read = readToml(`${key} = 0`);
  const names: string[] = [];
  let table: unknown = 'root' in read ? read.root : null;
  while (isTable(table) && names.length < mostLevels) {
    const [[name, inner] = []] = Object.entries(table);
    if (name !== undefined) names.push(name);
    table = inner;
  }
  return names;
}

/** Finds the table that a statement stands in; none where it is not known. */
export function tablesIn(text: string, statements: readonly TomlStatement[]): (statement: TomlStatement) => Pointer | null {
  const headers = statements.filter(({ kind }) => kind === 'header');
  const longest = new Map<TomlStatement, Pointer>();
  let header = 0;
  for (const [id, { key }] of [...findTomlPlaces(text)].toSorted(([, one], [, other]) => one.key - other.key)) {
    while ((headers[header]?.end ?? Number.POSITIVE_INFINITY) <= key) header += 1;
    const around = headers[header];
    if (!around || around.start > key) continue;
    const pointer = pointerOfText(id);
    if (pointer.length > (longest.get(around)?.length ?? 0)) longest.set(around, pointer);
  }
  const startOf = (index: number) => headers[index]?.start ?? 0;
  return ({ start }) => {
    const around = start < (headers[0]?.start ?? start) ? undefined : headers[lastUpTo(start, { length: headers.length, startOf })];
    return around ? (longest.get(around) ?? null) : [];
  };
}

/** Puts something where nothing is left: that it is written is known. */
export function leaveBlank(root: object, pointer: Pointer): void {
  let table = root;
  for (const step of pointer.slice(0, -1)) {
    if (!Object.hasOwn(table, step)) put(table, step, {});
    const inner: unknown = Reflect.get(table, step);
    if (typeof inner !== 'object' || inner === null) return;
    table = inner;
  }
  const last = pointer.at(-1);
  if (last !== undefined && !Object.hasOwn(table, last)) put(table, last, '');
}

/** As the parser does it: `__proto__` is a key like any other. */
function put(table: object, key: string | number, value: unknown): void {
  Object.defineProperty(table, key, { value, writable: true, enumerable: true, configurable: true });
}
