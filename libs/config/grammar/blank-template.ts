/** A template with blanks in the place of everything that a renderer reads, so that what was written keeps its place. */
export interface BlankTemplate {
  readonly text: string;
  /** Whether what stands here is there at all, and how often, is for statements to say. */
  readonly blocks: readonly Range[];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Block {
  readonly word: string;
  readonly from: number;
  /** Behind its first statement. */
  readonly begins: number;
  /** The first of its other branches. */
  otherwise: number | null;
}

const tag = /\{#.*?#\}|\{%[-+]?\s*(?<word>\w+)(?<rest>.*?)%\}/sy;
const openers = new Set(['if', 'for', 'set', 'macro', 'call', 'filter', 'with', 'block', 'autoescape', 'raw']);
/** What stands in them is made into a value, and printed elsewhere or not at all. */
const kept = new Set(['set', 'macro', 'raw']);

/** Those that neither open a block nor close one. */
const single = new Set(['do', 'include', 'import', 'from', 'extends', 'break', 'continue']);

/**
 * The template without its statements: once with all branches, and once with the first of each. None when one is not understood: what it
 * was meant to decide about nobody knows.
 */
export function blankTemplate(source: string): readonly BlankTemplate[] {
  const tags: Range[] = [];
  const branches: Range[] = [];
  const blocks: Range[] = [];
  const open: Block[] = [];
  for (const { 0: text, index: from, groups: { word = '', rest = '' } = {} } of tagsIn(source)) {
    const to = from + text.length;
    const current = open.at(-1);
    if (current?.word === 'raw' && word !== 'endraw') continue;
    if (/\{[%#]/.test(text.slice(2))) return [];
    tags.push({ from, to });
    if (text.startsWith('{#') || single.has(word)) continue;
    if ((word === 'else' || word === 'elif') && current) current.otherwise ??= from;
    else if (current && word === `end${current.word}`) {
      open.pop();
      blocks.push({ from: current.from, to });
      if (kept.has(current.word)) tags.push({ from: current.begins, to: from });
      if (current.otherwise !== null) branches.push({ from: current.otherwise, to: from });
    } else if (openers.has(word) && !(word === 'set' && rest.includes('='))) {
      open.push({ word, from, begins: to, otherwise: null });
    } else if (word !== 'set') return [];
  }
  const all = { text: blank(source, tags), blocks };
  if (open.length > 0 || /\{[%#]|[%#]\}/.test(all.text)) return [];
  return branches.length === 0 ? [all] : [all, { text: blank(source, [...tags, ...branches]), blocks }];
}

/** Comments and statements, in order. A sign that opens one is not looked after where no end is left: there may be very many. */
function* tagsIn(source: string): Generator<RegExpExecArray, void> {
  const opening = /\{[#%]/g;
  const [comment, statement] = [source.lastIndexOf('#}'), source.lastIndexOf('%}')];
  for (let found = opening.exec(source); found; found = opening.exec(source)) {
    if ((found[0] === '{#' ? comment : statement) < opening.lastIndex) continue;
    tag.lastIndex = found.index;
    const whole = tag.exec(source);
    if (!whole) continue;
    opening.lastIndex = tag.lastIndex;
    yield whole;
  }
}

function blank(source: string, ranges: readonly Range[]): string {
  let text = '';
  for (const { from, to } of ranges.toSorted((left, right) => left.from - right.from)) {
    const start = Math.max(from, text.length);
    text += source.slice(text.length, start) + ' '.repeat(Math.max(to - start, 0));
  }
  return text + source.slice(text.length);
}
