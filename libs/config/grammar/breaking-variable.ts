import { special } from './harmless-values.ts';
import { isToml } from './read-toml.ts';
import { describeExpression, type Substitution, substitutionsOf } from './substitutions.ts';
import { takesText } from './takes-text.ts';
import type { TemplateFile } from './template-file.ts';
import { splitToml } from './toml-statements.ts';
import { correct, cureOf } from './value-cure.ts';

/** A variable because of whose value a file is no TOML. */
export interface BreakingVariable {
  /** Where its `${` stands in the source. */
  readonly offset: number;
  /** Where its value begins in the rendered text. */
  readonly from: number;
  /** Never quotes the value. */
  readonly message: string;
}

type Filled = Omit<TemplateFile, 'tainted'>;

/** Where a variable is defined, such as `dispenser.vars:3`; null when nobody knows. */
export type Definitions = (name: string) => string | null;

/** So many values of one file are told. */
const mostTold = 100;
/** Cures are tried until so many characters were read for that, and in any case once. */
const mostTried = 500_000;

/**
 * The variables whose values make a file invalid TOML that would be valid with harmless values; none when no value would help. Each
 * statement is tried by itself, and all of them together where each is fine. Values are put in as they are, so that a quote in one ends
 * the text around it.
 */
export function findBreakingVariables(file: Filled, definedAt: Definitions = () => null): readonly BreakingVariable[] {
  const substitutions = substitutionsOf(file);
  if (substitutions.length === 0) return [];
  const alone = breakingAlone(file.rendered, substitutions);
  const found = alone.breaking.length > 0 ? alone : breakingTogether(file.rendered, substitutions);
  const whole = { rendered: file.rendered, substitutions, harmlessly: found.harmlessly };
  let left = mostTried;
  return found.breaking.slice(0, mostTold).map(({ substitution, said, parts }) => {
    const excerpt = excerptOf({ ...whole, wanted: substitution }, parts);
    const cure = left > 0 ? cureAmong(file.path, excerpt) : correct;
    left -= excerpt.rendered.length;
    const place = /^\w+$/.test(substitution.name) ? definedAt(substitution.name) : null;
    const defined = place === null ? '' : cure === correct ? `, ${place}` : ` (defined in ${place})`;
    const message = `the value of ${describeExpression(substitution)} ${said}; ${cure}${defined}`;
    return { offset: substitution.offset, from: substitution.from, message };
  });
}

/** From where to where a part of a text reaches. */
interface Part {
  readonly start: number;
  readonly end: number;
}

interface Breaking {
  readonly breaking: readonly {
    readonly substitution: Substitution;
    readonly said: string;
    /** What of the file a cure is tried on: the statement that the value breaks, and the header of its table. */
    readonly parts: readonly Part[];
  }[];
  /** Values with which all would be well. */
  readonly harmlessly: readonly string[];
}

/** The first value that breaks what would be TOML with harmless ones everywhere. */
function breakingTogether(rendered: string, substitutions: readonly Substitution[]): Breaking {
  for (const { harmless, said } of repairs) {
    const harmlessly = substitutions.map(({ value }) => harmless(value));
    if (!isToml(fill(rendered, { substitutions, values: harmlessly }))) continue;
    const substitution = firstBreaking(rendered, { substitutions, harmlessly });
    if (substitution) return { breaking: [{ substitution, said, parts: [{ start: 0, end: rendered.length }] }], harmlessly };
  }
  return { breaking: [], harmlessly: [] };
}

/** All values that break their own statement; none behind a text of several lines that may not end where it seems. */
function breakingAlone(rendered: string, substitutions: readonly Substitution[]): Breaking {
  const breaking: Breaking['breaking'][number][] = [];
  const harmlessly = substitutions.map(({ value }) => value.replaceAll(special, '_'));
  // As long as the rendered text: each character stands where it stood.
  const plain = fill(rendered, { substitutions, values: harmlessly });
  let index = 0;
  let header: Part[] = [];
  for (const { start, end, isOpenEnded, kind } of splitToml(plain)) {
    const parts = [...(kind === 'header' ? [] : header), { start, end }];
    if (kind === 'header') header = parts;
    while ((substitutions[index]?.from ?? end) < start) index += 1;
    const first = index;
    while ((substitutions[index]?.to ?? end + 1) <= end && (substitutions[index]?.from ?? end) < end) index += 1;
    const own = substitutions.slice(first, index).map((each) => ({ ...each, from: each.from - start, to: each.to - start }));
    const statement = rendered.slice(start, end);
    if (own.length === 0 || isToml(statement)) continue;
    const repair = repairs.find(({ harmless }) =>
      isToml(fill(statement, { substitutions: own, values: own.map(({ value }) => harmless(value)) })),
    );
    if (!repair && isOpenEnded) break;
    if (!repair) continue;
    const values = own.map(({ value }) => repair.harmless(value));
    harmlessly.splice(first, own.length, ...values);
    const isBreaking = (_: Substitution, at: number) =>
      !isToml(fill(statement, { substitutions: own, values: values.with(at, own[at]?.value ?? '') }));
    const several = own.length > mostTogether ? [] : own.filter(isBreaking);
    const told = several.length > 0 ? several : [firstBreaking(statement, { substitutions: own, harmlessly: values })];
    for (const each of told) {
      const substitution = each && substitutions[first + own.indexOf(each)];
      if (substitution) breaking.push({ substitution, said: repair.said, parts });
    }
  }
  return { breaking, harmlessly };
}

/** Of more in one statement, the first that breaks it is told. */
const mostTogether = 50;

/** What to write in the place of an expression, so that its value stands there as it is. */
export function cureFor(file: Filled, wanted: Substitution): string {
  const substitutions = substitutionsOf(file);
  const harmlessly = substitutions.map(({ value }) => value.replaceAll(special, '_'));
  return cureAmong(file.path, { rendered: file.rendered, substitutions, harmlessly, wanted });
}

/** A text in which a cure is wanted. */
interface Ill extends Filling {
  readonly rendered: string;
  readonly wanted: Substitution;
}

function cureAmong(path: string, { rendered, wanted, ...filling }: Ill): string {
  const text = fill(rendered, { substitutions: filling.substitutions, values: filling.harmlessly });
  if (!isToml(text)) return correct;
  return cureOf({ text, ...placeIn(filling, wanted), substitution: wanted, takesText: takesText(path, text) });
}

/** Some parts of it alone, the wanted one last: what is wrong elsewhere is no matter to a cure. */
function excerptOf({ rendered, substitutions, harmlessly, wanted }: Ill, parts: readonly Part[]): Ill {
  const own: Substitution[] = [];
  const harmless: string[] = [];
  let text = '';
  let shift = 0;
  for (const { start, end } of parts) {
    shift = text.length - start;
    text += `${rendered.slice(start, end)}\n`;
    for (const [index, each] of substitutions.entries()) {
      if (each.from < start || each.from >= end || each.to > end) continue;
      own.push(moved(each, shift));
      harmless.push(harmlessly[index] ?? '');
    }
  }
  return { rendered: text, substitutions: own, harmlessly: harmless, wanted: moved(wanted, shift) };
}

function moved(substitution: Substitution, shift: number): Substitution {
  return { ...substitution, from: substitution.from + shift, to: substitution.to + shift };
}

/** The values that are tried in the place of the real ones, and what is wrong with a value when they help. */
const repairs: readonly { readonly harmless: (value: string) => string; readonly said: string }[] = [
  {
    harmless: (value) => value.replaceAll(special, '_'),
    said: 'contains a character that ends the text around it, or has a meaning in it (a quote, a backslash, a line break)',
  },
  {
    harmless: () => '1',
    said: 'is no value of TOML by itself',
  },
];

interface Filling {
  readonly substitutions: readonly Substitution[];
  readonly harmlessly: readonly string[];
}

/** The first real value that breaks the text when it is put in behind the real ones before it. Found by halving: a text may be long. */
function firstBreaking(rendered: string, { substitutions, harmlessly }: Filling): Substitution | null {
  const isFine = (real: number) =>
    isToml(
      fill(rendered, {
        substitutions,
        values: substitutions.map(({ value }, index) => (index < real ? value : (harmlessly[index] ?? ''))),
      }),
    );
  let fine = 0;
  let broken = substitutions.length;
  if (isFine(broken)) return null;
  while (broken - fine > 1) {
    const middle = Math.floor((fine + broken) / 2);
    if (isFine(middle)) fine = middle;
    else broken = middle;
  }
  return substitutions[fine] ?? null;
}

/** Where a harmless value stands among the others. */
function placeIn({ substitutions, harmlessly }: Filling, wanted: Substitution): { readonly from: number; readonly to: number } {
  let shift = 0;
  for (const [index, each] of substitutions.entries()) {
    const length = harmlessly[index]?.length ?? 0;
    if (each.from === wanted.from && each.offset === wanted.offset) return { from: each.from + shift, to: each.from + shift + length };
    shift += length - (each.to - each.from);
  }
  return { from: 0, to: 0 };
}

function fill(
  rendered: string,
  { substitutions, values }: { readonly substitutions: readonly Substitution[]; readonly values: readonly string[] },
): string {
  let at = 0;
  let text = '';
  for (const [index, { from, to }] of substitutions.entries()) {
    text += rendered.slice(at, from) + (values[index] ?? '');
    at = to;
  }
  return text + rendered.slice(at);
}
