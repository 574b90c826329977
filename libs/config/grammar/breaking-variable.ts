import { special } from './harmless-values.ts';
import { isToml } from './is-toml.ts';
import { describeExpression, type Substitution, substitutionsOf } from './substitutions.ts';
import { takesText } from './takes-text.ts';
import type { TemplateFile } from './template-file.ts';
import { correct, cureOf } from './value-cure.ts';

/** A variable because of whose value a file is no TOML. */
export interface BreakingVariable {
  /** Where its `${` stands in the source. */
  readonly offset: number;
  /** Never quotes the value. */
  readonly message: string;
}

/**
 * The first variable whose value makes a file invalid TOML that would be valid with a harmless value; null when no value would help.
 * Values are put in as they are, so that a quote in one ends the text around it.
 */
export function findBreakingVariable(file: Omit<TemplateFile, 'tainted'>): BreakingVariable | null {
  const substitutions = substitutionsOf(file);
  for (const { harmless, said } of repairs) {
    const harmlessly = substitutions.map(({ value }) => harmless(value));
    if (!isToml(fill(file.rendered, { substitutions, values: harmlessly }))) continue;
    const breaking = firstBreaking(file.rendered, { substitutions, harmlessly });
    if (!breaking) continue;
    const cure = cureAmong(file, { substitutions, harmlessly, wanted: breaking });
    return { offset: breaking.offset, message: `the value of ${describeExpression(breaking)} ${said}; ${cure}` };
  }
  return null;
}

/** What to write in the place of an expression, so that its value stands there as it is. */
export function cureFor(file: Omit<TemplateFile, 'tainted'>, wanted: Substitution): string {
  const substitutions = substitutionsOf(file);
  const harmlessly = substitutions.map(({ value }) => value.replaceAll(special, '_'));
  return cureAmong(file, { substitutions, harmlessly, wanted });
}

function cureAmong(
  { path, rendered }: Omit<TemplateFile, 'tainted'>,
  { wanted, ...filling }: Filling & { readonly wanted: Substitution },
): string {
  const text = fill(rendered, { substitutions: filling.substitutions, values: filling.harmlessly });
  if (!isToml(text)) return correct;
  return cureOf({ text, ...placeIn(filling, wanted), substitution: wanted, takesText: takesText(path, text) });
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
