import { isToml } from './read-toml.ts';
import { substitutionsOf } from './substitutions.ts';
import type { TemplateFile } from './template-file.ts';

/** What has a meaning within quotes. */
export const special = /["'\\\p{Cc}]/gu;

type Filled = Pick<TemplateFile, 'source' | 'rendered' | 'map'>;

/**
 * The rendered text, as long as it is, without anything that has a meaning within quotes in the values that stand within quotes, or in a
 * comment. Elsewhere a value is TOML itself.
 */
export function withHarmlessValues(file: Filled): string {
  let text = '';
  for (const { part, isValue, around } of partsOf(file)) text += isValue && around !== '' ? part.replaceAll(special, '_') : part;
  return text;
}

/** Whether a value outside of quotes has several lines: what stands in them only the rendered text knows. */
export function insertsLines(file: Filled): boolean {
  return partsOf(file).some(({ part, isValue, around }) => isValue && around === '' && part.includes('\n'));
}

/** Whether a part of the rendered text holds a value, and is right with it. */
export function isRightAsFilled(file: Filled): (part: { readonly start: number; readonly end: number }) => boolean {
  const substitutions = substitutionsOf(file);
  return ({ start, end }) => substitutions.some(({ from, to }) => start <= to && from <= end) && isToml(file.rendered.slice(start, end));
}

interface Part {
  readonly part: string;
  readonly isValue: boolean;
  /** The quotes that it stands in, or `#`. */
  readonly around: Around;
}

function partsOf(file: Filled): Part[] {
  const parts: Part[] = [];
  let around: Around = '';
  let at = 0;
  const add = (part: string, isValue: boolean) => {
    parts.push({ part, isValue, around });
    if (!isValue || around === '') around = behind(part, around);
  };
  for (const { from, to } of substitutionsOf(file)) {
    add(file.rendered.slice(at, from), false);
    add(file.rendered.slice(from, to), true);
    at = to;
  }
  add(file.rendered.slice(at), false);
  return parts;
}

type Around = '' | '"' | "'" | '"""' | "'''" | '#';

const openings = ['"""', "'''", '"', "'", '#'] as const;

/** What is open behind a text; a text of one line ends with it, whether it has a quote or not. */
function behind(text: string, before: Around): Around {
  let around = before;
  for (let at = 0; at < text.length; ) {
    if (around === '') {
      around = openings.find((each) => text.startsWith(each, at)) ?? '';
      at += Math.max(around.length, 1);
    } else if (around.startsWith('"') && text[at] === '\\' && text[at + 1] !== '\n') at += 2;
    else if (around.length < 3 && text[at] === '\n') {
      around = '';
      at += 1;
    } else if (around !== '#' && text.startsWith(around, at)) {
      at += around.length;
      // Up to two quotes may stand directly before the closing three (TOML 1.0, §String).
      for (let extra = 0; around.length === 3 && extra < 2 && text[at] === around[0]; extra += 1) at += 1;
      around = '';
    } else at += 1;
  }
  return around;
}
