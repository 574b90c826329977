import { parse, TomlError } from 'smol-toml';
import { type Substitution, substitutionsOf } from './substitutions.ts';
import type { TemplateFile } from './template-file.ts';

export interface BreakingVariable {
  /** Where its `${` stands in the source. */
  readonly offset: number;
  /** Never quotes the value. */
  readonly message: string;
}

/** What has a meaning within quotes. */
const special = /["'\\\p{Cc}]/gu;

/**
 * The first variable whose value makes a file invalid TOML that would be valid with a harmless value; null when no value would help.
 * Values are put in as they are, so that a quote in one ends the text around it.
 */
export function findBreakingVariable(file: Pick<TemplateFile, 'source' | 'rendered' | 'map'>): BreakingVariable | null {
  const substitutions = substitutionsOf(file);
  for (const { harmless, said } of repairs) {
    const harmlessly = substitutions.map(({ value }) => harmless(value));
    if (!isToml(fill(file.rendered, { substitutions, values: harmlessly }))) continue;
    const breaking = firstBreaking(file.rendered, { substitutions, harmlessly });
    if (breaking) return { offset: breaking.offset, message: said(breaking.name) };
  }
  return null;
}

/** The values that are tried in the place of the real ones, and what is wrong with a value when they help. */
const repairs: readonly { readonly harmless: (value: string) => string; readonly said: (name: string) => string }[] = [
  {
    harmless: (value) => value.replaceAll(special, '_'),
    said: (name) =>
      `the value of the variable "${name}" contains a character that ends the text around it, or has a meaning in it (a quote, a backslash, a line break); write '\${${name}}' or '''\${${name}}''' here, or escape it where the variable is defined`,
  },
  {
    harmless: () => '1',
    said: (name) => `the value of the variable "${name}" is no value of TOML by itself; write "\${${name}}" in quotes here, or correct it`,
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

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof TomlError) return false;
    throw thrown;
  }
}
