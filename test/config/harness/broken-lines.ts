import { parse, TomlError } from 'smol-toml';

/** A line of a text, and the lines that it was before something broke it. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly origins: readonly number[];
  readonly isBroken: boolean;
}

/** One thing that goes wrong with a text, at a line and a place in it, both taken modulo what there is. */
export interface Break {
  readonly how: keyof typeof ways;
  readonly line: number;
  readonly at: number;
}

const dropped = (pattern: RegExp) => (text: string) => text.replace(pattern, '');
const inserted = (sign: string) => (text: string, at: number) => text.slice(0, at) + sign + text.slice(at);

/** What becomes of one line. */
const ways = {
  character: (text: string, at: number) => text.slice(0, at) + text.slice(at + 1),
  'first bracket': dropped(/[[\]{}]/),
  'last bracket': dropped(/[[\]{}](?=[^[\]{}]*$)/),
  'first quote': dropped(/["']/),
  'last quote': dropped(/["'](?=[^"']*$)/),
  'end of a tag': dropped(/%?\}/),
  'sign of a tag': dropped(/[${]/),
  equals: dropped(/=/),
  'stray "': inserted('"'),
  "stray '": inserted("'"),
  'stray [': inserted('['),
  'stray ]': inserted(']'),
  'stray {': inserted('{'),
  'stray ${': inserted('${'),
  'stray {%': inserted('{%'),
  join: (text: string) => text,
  cut: (text: string, at: number) => text.slice(0, at),
} satisfies Record<string, (text: string, at: number) => string>;

export const breaks = Object.keys(ways) as readonly Break['how'][];

/** The lines of a text. */
export function linesOf(text: string): readonly Line[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => ({ text: line, origins: [index + 1], isBroken: false }));
}

/** The lines with one more of them broken. */
export function broken(lines: readonly Line[], { how, line, at }: Break): readonly Line[] {
  const index = line % lines.length;
  const chosen = lines[index];
  if (!chosen) return lines;
  const next = how === 'join' ? lines[index + 1] : undefined;
  const text = ways[how](chosen.text, at % (chosen.text.length + 1)) + (next?.text ?? '');
  const now = { text, origins: [...chosen.origins, ...(next?.origins ?? [])], isBroken: chosen.isBroken || text !== chosen.text };
  const behind = how === 'cut' ? [] : lines.slice(index + (next ? 2 : 1));
  return [...lines.slice(0, index), now, ...behind];
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => `${text}\n`).join('');
}

/** Lines of the original that are one statement with a line that is not as it was: the parser may see a fault at any of them. */
export function linesAround(original: string, intact: ReadonlySet<number>): ReadonlySet<number> {
  return new Set(
    statementsOf(original)
      .filter((lines) => lines.some((line) => !intact.has(line)))
      .flat(),
  );
}

/** The lines of each statement of a template that is valid. */
function statementsOf(original: string): readonly (readonly number[])[] {
  const plain = original.replaceAll(/\$\{[^}]*\}/g, '1').replaceAll(/\{[%#].*?[%#]\}/g, '');
  const statements: number[][] = [];
  let open: { readonly text: string; readonly origins: readonly number[] } = { text: '', origins: [] };
  for (const { text, origins } of linesOf(plain)) {
    open = { text: `${open.text}${text}\n`, origins: [...open.origins, ...origins] };
    if (!isToml(open.text)) continue;
    statements.push([...open.origins]);
    open = { text: '', origins: [] };
  }
  return statements;
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
