import { type FaultExtent, faultExtent } from './fault-extent.ts';
import { withoutTexts } from './quoted-texts.ts';
import { readToml } from './read-toml.ts';
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

/** A statement with its fault. */
export interface FaultyStatement {
  readonly statement: TomlStatement;
  readonly extent: FaultExtent;
  readonly fault: TomlFault;
}

/** So many faults are told of one text. */
const mostFaults = 500;

/** Statements that are no TOML by themselves, whatever stands around them; and all statements, as far as it was looked. */
export function findFaultyStatements(text: string): {
  readonly faulty: readonly FaultyStatement[];
  readonly statements: readonly TomlStatement[];
  /** Nobody knows where one of them ends. */
  readonly isBottomless: boolean;
} {
  const faulty: FaultyStatement[] = [];
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
