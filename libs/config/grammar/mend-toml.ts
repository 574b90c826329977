import { keyOf } from './fault-extent.ts';
import { type FaultyStatement, findFaultyStatements, type TomlFault } from './faulty-statements.ts';
import { isToml, readToml, type TomlTable } from './read-toml.ts';
import { leaveBlank, pointerIn, tablesIn } from './statement-tables.ts';
import { isDeeper, mostLevels } from './toml-depth.ts';
import type { Pointer } from './toml-places.ts';
import type { TomlStatement } from './toml-statements.ts';

/** A text without the statements that make it no TOML. */
export interface MendedToml {
  /** In reading order; none is due to another one. */
  readonly faults: readonly TomlFault[];
  /** As long as the text, with blanks in the place of what was taken out, or an empty text in that of a value. */
  readonly text: string;
  /** What is left, with something for keys that lost their value; null when a line may belong to another table than it seems to. */
  readonly root: TomlTable | null;
  /** Keys and tables of which something was taken out. */
  readonly unknown: readonly Pointer[];
}

/** So many things that are written twice are told of one text: to find each, all of it is parsed, so that of a long text it is fewer. */
const mostRepeated = 50;
/** In characters. */
const mostParsed = 10_000_000;
/**
 * Finds as many faults of a text as can be told truly at once: each statement is tried alone, and then what is left together. Where what
 * follows a fault may be a part of it, that is told alone.
 */
export function mendToml(text: string): MendedToml {
  const { faulty, statements, isBottomless } = findFaultyStatements(text);
  const faults = faulty.map(({ fault }) => fault);
  const nothing = { faults, text, root: null, unknown: [] };
  if (isBottomless) return { ...nothing, faults: firstOf(text) };
  if (!faulty.every(({ fault }) => fault.isContained)) return nothing;

  /** What stands in the place of each statement that is faulty. */
  const instead = new Map(faulty.map(({ statement, extent }) => [statement, remains(text, { statement, extent })]));
  const unknown: (readonly [TomlStatement, key: string])[] = faulty.flatMap(({ statement, extent }) =>
    extent.unknown === 'nothing' ? [] : [[statement, extent.unknown === 'value' ? keyIn(text, statement) : ''] as const],
  );
  let left = replaced(text, instead);
  let read = readToml(left);
  let isKnown = true;
  const mostRounds = Math.min(mostRepeated, Math.ceil(mostParsed / text.length));
  for (let round = 0; !('root' in read) && isKnown && round < mostRounds; round += 1) {
    const { offset, reason } = read;
    const statement = statements.findLast((each) => each.start <= offset);
    if (!statement) break;
    // One that lost its value is told by that.
    if (!instead.has(statement)) {
      faults.push({ offset, reason, statement, isRepeated: true, isContained: statement.kind === 'pair', isBottomless: false });
      unknown.push([statement, keyIn(text, statement)]);
    }
    // What stands below a header that is not told may be a part of another table.
    isKnown = statement.kind === 'pair';
    instead.set(statement, blank(text.slice(statement.start, statement.end)));
    left = replaced(text, instead);
    read = readToml(left);
  }
  const told = faults.toSorted((one, other) => one.offset - other.offset);
  if (!isKnown || !('root' in read) || isDeeper(read.root, mostLevels)) return { ...nothing, faults: told };
  const tableOf = tablesIn(left, statements);
  const pointers = unknown.map(([statement, key]) => pointerIn(tableOf(statement), key));
  if (!pointers.every((pointer) => pointer !== null)) return { ...nothing, faults: told };
  for (const pointer of pointers) leaveBlank(read.root, pointer);
  return { faults: told, text: left, root: read.root, unknown: pointers };
}

/** What the parser says of all of it. */
function firstOf(text: string): readonly TomlFault[] {
  const read = readToml(text);
  if ('root' in read) return [];
  return [{ ...read, statement: { start: 0, end: text.length }, isRepeated: false, isContained: false, isBottomless: true }];
}

/** What is left of a faulty statement: its key, which has a place then, with a value that says nothing; or blanks. */
function remains(text: string, { statement: { start, end }, extent }: Pick<FaultyStatement, 'statement' | 'extent'>): string {
  const written = text.slice(start, end);
  const [head = ''] = extent.unknown === 'value' ? (/^[ \t]*=[ \t]*/.exec(written.slice((keyOf(written) ?? written).length)) ?? []) : [];
  const from = head === '' ? 0 : (keyOf(written) ?? '').length + head.length;
  const value = written.slice(from).trimEnd().length > 1 ? "''" : '0';
  const kept = `${written.slice(0, from)}${value}${blank(written.slice(from + value.length))}`;
  return from > 0 && isToml(kept) ? kept : blank(written);
}

function blank(written: string): string {
  return written.replaceAll(/[^\r\n]|\r(?!\n)/g, ' ');
}

function replaced(text: string, instead: ReadonlyMap<TomlStatement, string>): string {
  const parts: string[] = [];
  let at = 0;
  for (const [{ start, end }, remaining] of [...instead].toSorted(([one], [other]) => one.start - other.start)) {
    parts.push(text.slice(at, start), remaining);
    at = end;
  }
  return parts.join('') + text.slice(at);
}

function keyIn(text: string, { start, end }: TomlStatement): string {
  return keyOf(text.slice(start, end)) ?? '';
}
