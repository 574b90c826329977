import { cureAmong } from './cure-in-file.ts';
import { excerptOf, type Filling, fill, moved, type Part } from './filled-text.ts';
import { special } from './harmless-values.ts';
import { isToml } from './read-toml.ts';
import { describeExpression, type Substitution, substitutionsOf } from './substitutions.ts';
import type { TemplateFile } from './template-file.ts';
import { splitToml } from './toml-statements.ts';
import { correct } from './value-cure.ts';

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
  const whole = { rendered: file.rendered, substitutions, values: found.harmlessly };
  let left = mostTried;
  return found.breaking.slice(0, mostTold).map(({ substitution, said, parts }) => {
    // The statement is the last part; what is wrong elsewhere is no matter to a cure.
    const { shift, ...excerpt } = excerptOf(whole, parts);
    const cure = left > 0 ? cureAmong(file.path, { ...excerpt, wanted: moved(substitution, shift) }) : correct;
    left -= excerpt.rendered.length;
    const place = /^\w+$/.test(substitution.name) ? definedAt(substitution.name) : null;
    const defined = place === null ? '' : cure === correct ? `, ${place}` : ` (defined in ${place})`;
    const message = `the value of ${describeExpression(substitution)} ${said}; ${cure}${defined}`;
    return { offset: substitution.offset, from: substitution.from, message };
  });
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
    if (!isToml(fill({ rendered, substitutions, values: harmlessly }))) continue;
    const substitution = firstBreaking({ rendered, substitutions, values: harmlessly });
    if (substitution) return { breaking: [{ substitution, said, parts: [{ start: 0, end: rendered.length }] }], harmlessly };
  }
  return { breaking: [], harmlessly: [] };
}

/** All values that break their own statement; none behind a text of several lines that may not end where it seems. */
function breakingAlone(rendered: string, substitutions: readonly Substitution[]): Breaking {
  const breaking: Breaking['breaking'][number][] = [];
  const harmlessly = substitutions.map(({ value }) => value.replaceAll(special, '_'));
  // As long as the rendered text: each character stands where it stood.
  const plain = fill({ rendered, substitutions, values: harmlessly });
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
      isToml(fill({ rendered: statement, substitutions: own, values: own.map(({ value }) => harmless(value)) })),
    );
    if (!repair && isOpenEnded) break;
    if (!repair) continue;
    const values = own.map(({ value }) => repair.harmless(value));
    harmlessly.splice(first, own.length, ...values);
    const isBreaking = (_: Substitution, at: number) =>
      !isToml(fill({ rendered: statement, substitutions: own, values: values.with(at, own[at]?.value ?? '') }));
    const several = own.length > mostTogether ? [] : own.filter(isBreaking);
    const told = several.length > 0 ? several : [firstBreaking({ rendered: statement, substitutions: own, values })];
    for (const each of told) {
      const substitution = each && substitutions[first + own.indexOf(each)];
      if (substitution) breaking.push({ substitution, said: repair.said, parts });
    }
  }
  return { breaking, harmlessly };
}

/** Of more in one statement, the first that breaks it is told. */
const mostTogether = 50;

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

/** The first real value that breaks the text when it is put in behind the real ones before it. Found by halving: a text may be long. */
function firstBreaking({ rendered, substitutions, values }: Filling): Substitution | null {
  const isFine = (real: number) =>
    isToml(
      fill({ rendered, substitutions, values: substitutions.map(({ value }, index) => (index < real ? value : (values[index] ?? ''))) }),
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
