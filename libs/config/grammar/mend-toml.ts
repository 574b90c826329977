import { type FaultExtent, faultExtent, keyOf } from './fault-extent.ts';
import { withoutTexts } from './quoted-texts.ts';
import { isToml, readToml, type TomlTable } from './read-toml.ts';
import { leaveBlank, pointerIn, tablesIn } from './statement-tables.ts';
import { isDeeper, mostLevels } from './toml-depth.ts';
import type { Pointer } from './toml-places.ts';
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
  const { faulty, statements, isBottomless } = faultyAlone(text);
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

/** Statements that are no TOML by themselves, whatever stands around them; and all statements, as far as it was looked. */
function faultyAlone(text: string): {
  readonly faulty: readonly Faulty[];
  readonly statements: readonly TomlStatement[];
  readonly isBottomless: boolean;
} {
  const faulty: Faulty[] = [];
  const statements: TomlStatement[] = [];
  let last: FaultExtent | null = null;
  for (const statement of splitToml(text)) {
    statements.push(statement);
    const { kind, start, end } = statement;
    const isLost: boolean = last !== null && kind !== 'comment' && !(last.goesOn ? isHeader : beginsAnew)(statement, text);
    const written = text.slice(start, end);
    const read = readToml(written);
    const isFaulty = !('root' in read);
    if (isFaulty && (statement.isOpenEnded || faultExtent(kind, written).isBottomless)) return { faulty, statements, isBottomless: true };
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
      faulty.push({ statement, extent, fault: { ...fault, reason, isContained: false } });
      break;
    }
    faulty.push({ statement, extent, fault });
  }
  return { faulty, statements, isBottomless: false };
}

/** What the parser says of all of it. */
function firstOf(text: string): readonly TomlFault[] {
  const read = readToml(text);
  if ('root' in read) return [];
  return [{ ...read, statement: { start: 0, end: text.length }, isRepeated: false, isContained: false, isBottomless: true }];
}

/** What is wrong with a statement by itself. One that ends before its bracket is closed lacks that, whatever the parser missed in a later line. */
function faultIn(
  { start, end, unclosed }: TomlStatement,
  { text, read }: { readonly text: string; readonly read: { readonly offset: number; readonly reason: string } },
): Pick<TomlFault, 'offset' | 'reason'> {
  const isBehind = text.slice(start + read.offset, end).trim() === '' || text.slice(unclosed ?? end, start + read.offset).includes('\n');
  if (unclosed === null || !isBehind) return { offset: start + read.offset, reason: read.reason };
  // What closes the bracket may stand in a text that is none.
  const inside = text.slice(unclosed, end);
  // Where a text of several lines begins, nobody knows what is one.
  const quote = /"""|'''/.test(inside) ? null : withoutTexts(inside).open;
  if (quote !== null) return { offset: unclosed + quote, reason: 'unfinished string' };
  return { offset: unclosed, reason: text[unclosed] === '[' ? 'unfinished array' : 'unfinished table' };
}

/** What is left of a faulty statement: its key, which has a place then, with a value that says nothing; or blanks. */
function remains(text: string, { statement: { start, end }, extent }: Pick<Faulty, 'statement' | 'extent'>): string {
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
