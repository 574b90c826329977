import type { Substitution } from './substitutions.ts';

/** A rendered text in which other values are to stand in the place of those that variables filled in. */
export interface Filling {
  readonly rendered: string;
  readonly substitutions: readonly Substitution[];
  /** One for each of them. */
  readonly values: readonly string[];
}

/** From where to where a part of a text reaches. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** The text with those values. */
export function fill({ rendered, substitutions, values }: Filling): string {
  let at = 0;
  let text = '';
  for (const [index, { from, to }] of substitutions.entries()) {
    text += rendered.slice(at, from) + (values[index] ?? '');
    at = to;
  }
  return text + rendered.slice(at);
}

/** Where the other value of a substitution stands in the filled text. */
export function placeIn({ substitutions, values }: Filling, wanted: Substitution): { readonly from: number; readonly to: number } {
  let shift = 0;
  for (const [index, each] of substitutions.entries()) {
    const length = values[index]?.length ?? 0;
    if (each.from === wanted.from && each.offset === wanted.offset) return { from: each.from + shift, to: each.from + shift + length };
    shift += length - (each.to - each.from);
  }
  return { from: 0, to: 0 };
}

/** Some parts of it alone, one below the other, and by how much the last one moved. */
export function excerptOf({ rendered, substitutions, values }: Filling, parts: readonly Part[]): Filling & { readonly shift: number } {
  const own: Substitution[] = [];
  const others: string[] = [];
  let text = '';
  let shift = 0;
  for (const { start, end } of parts) {
    shift = text.length - start;
    text += `${rendered.slice(start, end)}\n`;
    for (const [index, each] of substitutions.entries()) {
      if (each.from < start || each.from >= end || each.to > end) continue;
      own.push(moved(each, shift));
      others.push(values[index] ?? '');
    }
  }
  return { rendered: text, substitutions: own, values: others, shift };
}

/** The same, so many characters farther on. */
export function moved(substitution: Substitution, shift: number): Substitution {
  return { ...substitution, from: substitution.from + shift, to: substitution.to + shift };
}
