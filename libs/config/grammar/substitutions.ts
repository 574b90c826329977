import type { TemplateFile } from './template-file.ts';

/** An expression of a template, and what it was replaced by. */
export interface Substitution {
  /** As it is written, such as the name of a variable. */
  readonly name: string;
  /** Where its `${` stands in the source. */
  readonly offset: number;
  readonly from: number;
  readonly to: number;
  readonly value: string;
}

/** What stands there, for people: a variable, or what is made of some. */
export function describeExpression({ name }: Pick<Substitution, 'name'>): string {
  return /^\w+$/.test(name) ? `the variable "${name}"` : `the expression \${ ${name} }`;
}

/** Where values were put into a file, in order. */
export function substitutionsOf({ source, rendered, map }: Pick<TemplateFile, 'source' | 'rendered' | 'map'>): Substitution[] {
  return map.flatMap(([from, offset], index) => {
    if (!source.startsWith('${', offset)) return [];
    const [to, next] = map[index + 1] ?? [rendered.length, source.length];
    const name = nameIn(source.slice(offset, next));
    // Out of a raw block, or cut off: not an expression.
    return name === null ? [] : [{ name, offset, from, to, value: rendered.slice(from, to) }];
  });
}

/** What stands between `${` and the last `}`, which may be followed by blanks that were trimmed away. */
function nameIn(text: string): string | null {
  const end = text.lastIndexOf('}');
  if (end < 0) return null;
  return text
    .slice(2, end)
    .replace(/^[-+]|[-+]$/g, '')
    .trim();
}
