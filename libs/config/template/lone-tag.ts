import { isAssignment, openers } from './block-tree.ts';
import type { Segment, Template } from './lexer.ts';

interface Misplaced {
  readonly template: Template;
  readonly tag: Segment;
}

interface Opened {
  readonly keyword: string;
  readonly start: number;
  /** Its `else` was there. */
  readonly isParted: boolean;
}

/** Which opening, or which end, a statement misses that closes or parts a block; null for any other statement. */
export function describeLoneTag({ template, tag }: Misplaced): string | null {
  const keyword = keywordOf(tag);
  const around = openAt(template, tag);
  if (keyword.startsWith('end') && openers.has(keyword.slice(3)))
    return loneEnd(keyword, around && { ...around, ...lineOf(template, around) });
  if (keyword === 'endraw') return '{% endraw %} closes nothing: no {% raw %} stands before it';
  if (keyword !== 'else' && keyword !== 'elif') return null;
  const takes = keyword === 'else' ? ['if', 'for'] : ['if'];
  if (!around || !takes.includes(around.keyword))
    return `{% ${keyword} %} belongs to nothing: no ${takes.map((each) => `{% ${each} … %}`).join(' or ')} is open before it${unless(around)}`;
  return around.isParted ? `{% ${keyword} %} comes too late: the {% else %} of its {% ${around.keyword} … %} was there before` : null;
}

/** What is said of an `else` that has something behind it; null for any other statement. */
export function describeLoadedElse({ template, tag }: Misplaced): string | null {
  if (tag.kind !== 'statement' || keywordOf(tag) !== 'else') return null;
  const [, next] = tag.code.tokens;
  if (!next) return null;
  const isCondition = next.text === 'if' && openAt(template, tag)?.keyword === 'if';
  return isCondition ? '{% else if … %} is written {% elif … %}' : '{% else %} has nothing behind it; take out what stands there';
}

function loneEnd(keyword: string, around: (Opened & { readonly line: number }) | null): string {
  const opening = `{% ${keyword.slice(3)} … %}`;
  if (!around) return `{% ${keyword} %} closes nothing: no ${opening} is open before it`;
  return `{% ${keyword} %} stands where {% end${around.keyword} %} was expected, for the {% ${around.keyword} … %} in line ${around.line} is still open`;
}

function unless(around: Opened | null): string {
  return around ? `, but a {% ${around.keyword} … %}, which ends in {% end${around.keyword} %}` : '';
}

/** The innermost block that is open before a tag. */
function openAt({ segments }: Template, tag: Segment): Opened | null {
  const open: Opened[] = [];
  for (const segment of segments) {
    if (segment === tag) break;
    const keyword = keywordOf(segment);
    const last = open.at(-1);
    if (keyword.startsWith('end')) open.pop();
    else if (keyword === 'else' && last) open.splice(-1, 1, { ...last, isParted: true });
    else if (segment.kind === 'statement' && openers.has(keyword) && !isAssignment(segment.code.tokens))
      open.push({ keyword, start: segment.start, isParted: false });
  }
  return open.at(-1) ?? null;
}

function lineOf({ source }: Template, { start }: Opened): { readonly line: number } {
  return { line: source.slice(0, start).split('\n').length };
}

function keywordOf(segment: Segment): string {
  return segment.kind === 'statement' ? (segment.code.tokens[0]?.text ?? '') : '';
}
