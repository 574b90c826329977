import { parse, TomlError } from 'smol-toml';
import { type FaultExtent, faultExtent, keyOf } from './fault-extent.ts';
import { lastUpTo, offsetAt } from './source-place.ts';
import type { TomlTable } from './template-file.ts';
import { isDeeper, mostLevels } from './toml-depth.ts';
import { findTomlPlaces, type Pointer, pointerOfText } from './toml-places.ts';
import { beginsAnew, isHeader, splitToml, type TomlStatement } from './toml-statements.ts';

/** Something that makes a text no TOML. */
export interface TomlFault {
  readonly offset: number;
  /** One of the parser's constant sentences, or that there may be more. */
  readonly reason: string;
  /** What it stands in. */
  readonly statement: Pick<TomlStatement, 'start' | 'end'>;
  /** It is faulty only because of what stands before it. */
  readonly isRepeated: boolean;
  /** It reaches no farther than its line, and its table. */
  readonly isContained: boolean;
  /** Nobody knows where it ends: it is the only one, in the words of the parser. */
  readonly isBottomless: boolean;
}

/** A text without the statements that make it no TOML. */
export interface MendedToml {
  /** In reading order; none is due to another one. */
  readonly faults: readonly TomlFault[];
  /** As long as the text, with blanks in the place of what was taken out. */
  readonly text: string;
  /** What is left, with `''` for keys that lost their value; null when a line may belong to another table than it seems to. */
  readonly root: TomlTable | null;
  /** Keys and tables of which something was taken out. */
  readonly unknown: readonly Pointer[];
}

/** So many things that are written twice are told of one text: to find each, all of it is parsed. */
const mostRepeated = 50;
/** So many faults are told of one text. */
const mostFaults = 500;

interface Faulty {
  readonly statement: TomlStatement;
  readonly extent: FaultExtent;
  readonly fault: TomlFault;
}

/**
 * Finds as many faults of a text as can be told truly at once: each statement is tried alone, and then what is left together. Where what
 * follows a fault may be a part of it, that is told alone.
 */
export function mendToml(text: string): MendedToml {
  const statements = splitToml(text);
  const found = faultyAlone(text, statements);
  const faults = found.faulty.map(({ fault }) => fault);
  const nothing = { faults, text, root: null, unknown: [] };
  if (found.isBottomless) return { ...nothing, faults: firstOf(text) };
  if (!found.faulty.every(({ fault }) => fault.isContained)) return nothing;

  const gone = new Set(found.faulty.map(({ statement }) => statement));
  const unknown: (readonly [TomlStatement, key: string])[] = found.faulty.flatMap(({ statement, extent }) =>
    extent.unknown === 'nothing' ? [] : [[statement, extent.unknown === 'value' ? keyIn(text, statement) : ''] as const],
  );
  let left = without(text, gone);
  let read = parseToml(left);
  let isKnown = true;
  for (let round = 0; !('root' in read) && isKnown && round < mostRepeated; round += 1) {
    const { offset, reason } = read;
    const statement = statements.findLast((each) => each.start <= offset && !gone.has(each));
    if (!statement) break;
    faults.push({ offset, reason, statement, isRepeated: true, isContained: statement.kind === 'pair', isBottomless: false });
    // What stands below a header that is not told may be a part of another table.
    isKnown = statement.kind === 'pair';
    gone.add(statement);
    unknown.push([statement, keyIn(text, statement)]);
    left = without(text, gone);
    read = parseToml(left);
  }
  const told = faults.toSorted((one, other) => one.offset - other.offset);
  if (!isKnown || !('root' in read) || isDeeper(read.root, mostLevels)) return { ...nothing, faults: told };
  const tableOf = tablesIn(left, statements);
  const pointers = unknown.map(([statement, key]) => touched(tableOf(statement), key));
  if (!pointers.every((pointer) => pointer !== null)) return { ...nothing, faults: told };
  for (const pointer of pointers) leaveBlank(read.root, pointer);
  return { faults: told, text: left, root: read.root, unknown: pointers };
}

/** Statements that are no TOML by themselves, whatever stands around them. */
function faultyAlone(
  text: string,
  statements: readonly TomlStatement[],
): { readonly faulty: readonly Faulty[]; readonly isBottomless: boolean } {
  const faulty: Faulty[] = [];
  let last: FaultExtent | null = null;
  for (const statement of statements) {
    const { kind, start, end } = statement;
    const isLost: boolean = last !== null && kind !== 'comment' && !(last.goesOn ? isHeader : beginsAnew)(statement, text);
    const written = text.slice(start, end);
    const read = parseToml(written);
    const isFaulty = !('root' in read);
    if (isFaulty && (statement.isOpenEnded || faultExtent(kind, written).isBottomless)) return { faulty, isBottomless: true };
    const before = faulty.at(-1);
    if (isLost && before) faulty.push({ ...(faulty.pop() ?? before), fault: { ...before.fault, isContained: false } });
    if (isLost) continue;
    if (kind !== 'comment') last = null;
    if (!isFaulty) continue;
    const extent = faultExtent(kind, written);
    if (kind !== 'comment') last = extent;
    const isContained = extent.unknown !== 'anything';
    const fault = { ...faultIn(statement, { text, read }), statement, isRepeated: false, isContained, isBottomless: false };
    if (faulty.length === mostFaults) {
      const reason = 'there may be more from here on; mend the others first';
      return { faulty: [...faulty, { statement, extent, fault: { ...fault, reason, isContained: false } }], isBottomless: false };
    }
    faulty.push({ statement, extent, fault });
  }
  return { faulty, isBottomless: false };
}

/** What the parser says of all of it. */
function firstOf(text: string): readonly TomlFault[] {
  const read = parseToml(text);
  if ('root' in read) return [];
  return [{ ...read, statement: { start: 0, end: text.length }, isRepeated: false, isContained: false, isBottomless: true }];
}

type Parsed = { readonly root: TomlTable } | { readonly offset: number; readonly reason: string };

function parseToml(text: string): Parsed {
  try {
    return { root: parse(text) };
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    // The rest of the message quotes the text: values could stand in it.
    const [reason = ''] = thrown.message.replace(/^Invalid TOML document: /, '').split('\n');
    return { offset: offsetAt(text, thrown), reason };
  }
}

/** What is wrong with a statement by itself. One that ends before its bracket is closed lacks that, whatever the parser missed in a later line. */
function faultIn(
  { start, end, unclosed }: TomlStatement,
  { text, read }: { readonly text: string; readonly read: { readonly offset: number; readonly reason: string } },
): Pick<TomlFault, 'offset' | 'reason'> {
  const isBehind = text.slice(start + read.offset, end).trim() === '' || text.slice(unclosed ?? end, start + read.offset).includes('\n');
  if (unclosed === null || !isBehind) return { offset: start + read.offset, reason: read.reason };
  // What closes the bracket may stand in a text that is none.
  const quote = openQuoteIn(text.slice(unclosed, end));
  if (quote !== null) return { offset: unclosed + quote, reason: 'unfinished string' };
  return { offset: unclosed, reason: text[unclosed] === '[' ? 'unfinished array' : 'unfinished table' };
}

/** The first quote of a text that is not closed in its line; null where all are, or one may go on. */
function openQuoteIn(text: string): number | null {
  const rest = text.replaceAll(/#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/g, (found) => '_'.repeat(found.length));
  const at = rest.search(/["']/);
  return at < 0 || /"""|'''/.test(text) ? null : at;
}

function without(text: string, gone: ReadonlySet<TomlStatement>): string {
  let left = '';
  for (const { start, end } of [...gone].toSorted((one, other) => one.start - other.start)) {
    left += text.slice(left.length, start) + text.slice(start, end).replaceAll(/[^\r\n]|\r(?!\n)/g, ' ');
  }
  return left + text.slice(left.length);
}

function keyIn(text: string, { start, end }: TomlStatement): string {
  return keyOf(text.slice(start, end)) ?? '';
}

/** What lost something: a key of a table, or all of that; null when it may be anything. */
function touched(table: Pointer | null, key: string): Pointer | null {
  const names = namesIn(key);
  const pointer = [...(table ?? []), ...names];
  return table && pointer.length > 0 && names.length < mostLevels ? pointer : null;
}

/** The names in `a."b c".d`; none of them is followed too deep. */
function namesIn(key: string): readonly string[] {
  const read = parseToml(`${key} = 0`);
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
function tablesIn(text: string, statements: readonly TomlStatement[]): (statement: TomlStatement) => Pointer | null {
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
function leaveBlank(root: object, pointer: Pointer): void {
  let table = root;
  for (const step of pointer.slice(0, -1)) {
    if (!Object.hasOwn(table, step)) Reflect.set(table, step, {});
    const inner: unknown = Reflect.get(table, step);
    if (typeof inner !== 'object' || inner === null) return;
    table = inner;
  }
  const last = pointer.at(-1);
  if (last !== undefined && !Object.hasOwn(table, last)) Reflect.set(table, last, '');
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
