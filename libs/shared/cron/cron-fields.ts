/** One field of a cron expression. */
export interface FieldGrammar {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Where `*`, `?` and `a/n` end, when that is not `max`. */
  readonly last?: number;
  /** Whether `?` stands for `*`. */
  readonly question?: boolean;
  /** Full names, from `min` on; each also by any start of three letters or more. */
  readonly names?: readonly string[];
}

/** `all`: the field restricts nothing. Else the numbers in the order in which they were written, each once. */
export type ParsedField =
  | { readonly ok: true; readonly values: readonly number[] | 'all'; readonly numeric: boolean }
  | { readonly ok: false; readonly reason: string };

const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The seven fields in the order in which they are written. Sunday is 0, and 7 too. */
export const fieldGrammars = {
  second: { name: 'second', min: 0, max: 59 },
  minute: { name: 'minute', min: 0, max: 59 },
  hour: { name: 'hour', min: 0, max: 23 },
  day: { name: 'day of month', min: 1, max: 31, question: true },
  month: { name: 'month', min: 1, max: 12, names: months },
  weekday: { name: 'day of week', min: 0, max: 7, last: 6, question: true, names: weekdays },
  year: { name: 'year', min: 1970, max: 2100 },
} as const satisfies Record<string, FieldGrammar>;

const part = /^(?<from>\*|\?|\d+|[a-z]+)(?:-(?<to>\d+|[a-z]+))?(?:\/(?<step>\d+))?$/i;

/** The numbers that a field stands for. `numeric` says that a number was written where a name or `*` would do. */
export function parseField(text: string, grammar: FieldGrammar): ParsedField {
  if (text === '*' || (text === '?' && grammar.question)) return { ok: true, values: 'all', numeric: false };
  const values = new Set<number>();
  let numeric = false;
  for (const piece of text.split(',')) {
    const parsed = parsePart(piece, grammar);
    if (typeof parsed === 'string') return { ok: false, reason: `${grammar.name} "${text}": ${parsed}` };
    for (let value = parsed.from; value <= parsed.to; value += parsed.step) values.add(value);
    numeric ||= parsed.numeric;
  }
  return { ok: true, values: [...values], numeric };
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly numeric: boolean;
}

function parsePart(piece: string, grammar: FieldGrammar): Part | string {
  const { from, to, step } = part.exec(piece)?.groups ?? {};
  if (from === undefined) return `write *, a number, a-b, a list a,b or a step */n; L, W and # do not exist`;
  const isStar = from === '*' || from === '?';
  if (from === '?' && !grammar.question) return '"?" may only stand for the day of month and the day of week';
  if (isStar && to !== undefined) return 'a range goes from one value to another';

  const last = grammar.last ?? grammar.max;
  const first = isStar ? grammar.min : numberOf(from, grammar);
  if (typeof first === 'string') return first;
  const end = to === undefined ? (isStar || step !== undefined ? Math.max(last, first) : first) : numberOf(to, grammar);
  if (typeof end === 'string') return end;
  // Sunday as the end of a range is the end of the week.
  const until = end === 0 && first > 0 && grammar.names === weekdays && to !== undefined && !isNumber(to) ? 7 : end;
  if (until < first) return `the range ${piece} runs backwards`;
  const width = step === undefined ? 1 : Number(step);
  if (width < 1) return 'a step is at least 1';
  return { from: first, to: until, step: width, numeric: isNumber(from) || (to !== undefined && isNumber(to)) };
}

function numberOf(text: string, { min, max, names = [] }: FieldGrammar): number | string {
  if (isNumber(text)) {
    const value = Number(text);
    return value >= min && value <= max ? value : `${text} is not between ${min} and ${max}`;
  }
  const index = text.length < 3 ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return index < 0 ? `"${text}" is not known` : min + index;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
