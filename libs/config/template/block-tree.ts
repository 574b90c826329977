import type { CodeToken } from './code-tokens.ts';
import type { Template } from './lexer.ts';

/** What stands between a statement that opens and the one that closes it. */
export interface Block {
  readonly index: number;
  readonly keyword: string;
  /** Segments of its statements but the closing one: the opening one first, then each `elif` and `else`. */
  readonly headers: readonly number[];
  /** Segment of the closing statement; null when there is none. */
  readonly closing: number | null;
  readonly parent: number | null;
  /** Its content is made into a value first: then `printed` where the block stands, or `kept` for later. Null when it is printed as it comes. */
  readonly captures: 'printed' | 'kept' | null;
}

/** The blocks of a template, outer ones before those within them. */
export interface BlockTree {
  readonly blocks: readonly Block[];
  /** By segment: the innermost block around it. The statements of a block stand in its parent, except of `elif` and `else`. */
  readonly enclosing: readonly (number | null)[];
}

/** Statements that open a block. */
export const openers: ReadonlySet<string> = new Set(['if', 'for', 'macro', 'call', 'filter', 'set', 'with', 'block', 'autoescape']);
const branches = new Set(['elif', 'else']);

/** Finds the blocks of a template. What does not fit together is for the engine to refuse. */
export function findBlocks({ segments }: Template): BlockTree {
  const blocks: (Block & { headers: number[]; closing: number | null })[] = [];
  const enclosing: (number | null)[] = [];
  const open: number[] = [];
  for (const [index, segment] of segments.entries()) {
    const keyword = segment.kind === 'statement' ? (segment.code.tokens[0]?.text ?? '') : '';
    const current = open.at(-1) ?? null;
    if (keyword.startsWith('end') && current !== null) {
      const block = blocks[current];
      if (block) block.closing = index;
      open.pop();
      enclosing.push(open.at(-1) ?? null);
      continue;
    }
    enclosing.push(current);
    if (branches.has(keyword) && current !== null) blocks[current]?.headers.push(index);
    if (segment.kind !== 'statement' || !openers.has(keyword) || isAssignment(segment.code.tokens)) continue;
    const captures = capturesOf(keyword, segment.code.tokens);
    blocks.push({ index: blocks.length, keyword, headers: [index], closing: null, parent: current, captures });
    open.push(blocks.length - 1);
  }
  return { blocks, enclosing };
}

function capturesOf(keyword: string, tokens: readonly CodeToken[]): Block['captures'] {
  if (keyword === 'set' || keyword === 'macro') return 'kept';
  // What a block or a recursive loop prints may be asked for once more, as a value.
  const isRecursive = keyword === 'for' && tokens.some(({ text }) => text === 'recursive');
  return isRecursive || keyword === 'filter' || keyword === 'call' || keyword === 'block' ? 'printed' : null;
}

/** `{% set a = 1 %}` has no end; `{% set a %}…{% endset %}` has one. */
export function isAssignment(tokens: readonly CodeToken[]): boolean {
  return tokens[0]?.text === 'set' && tokens.some(({ text, kind, depth }) => kind === 'sign' && text === '=' && depth === 0);
}
