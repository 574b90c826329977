import type { BlockTree } from './block-tree.ts';
import type { Segment, Template } from './lexer.ts';

/** A template in the engine's own signs. */
export interface Rewritten {
  readonly text: string;
  /** The tag that a line of the text belongs to; null when none does. Each tag has a line of its own. */
  tagAt(line: number): Segment | null;
}

/** Signs that are put around what a segment prints. */
export interface Marks {
  open(segment: number): string;
  close(segment: number): string;
}

/** Braces of the text that the engine would take for its own. */
const engineSigns = /\{(?=[{%#]|$)/g;
const aBrace = '{{"{"}}';

/** Puts the engine's signs in the place of ours. White space is trimmed already, so that no sign says so. */
export function rewrite(template: Template): Rewritten {
  return assemble(template, () => ['', '']);
}

/**
 * The same with marks around all that is printed as it comes: expressions, texts, and those blocks that are told in `marked`. What is made
 * into a value first has none inside, so that no filter or comparison ever meets a mark.
 */
export function rewriteMarked(
  template: Template,
  { tree: { blocks, enclosing }, marks, marked }: { readonly tree: BlockTree; readonly marks: Marks; readonly marked: ReadonlySet<number> },
): Rewritten {
  const opened = new Map<number, string>();
  const closed = new Map<number, string>();
  for (const { index, headers, closing, parent } of blocks) {
    const [header] = headers;
    if (!marked.has(index) || header === undefined || closing === null || isCaptured(parent)) continue;
    opened.set(header, marks.open(header));
    closed.set(closing, marks.close(header));
  }
  return assemble(template, (segment, index) => {
    if (segment.kind === 'statement') return [opened.get(index) ?? '', closed.get(index) ?? ''];
    if (isCaptured(enclosing[index] ?? null)) return ['', ''];
    return [marks.open(index), segment.kind === 'text' ? '' : marks.close(index)];
  });

  function isCaptured(block: number | null): boolean {
    for (let each = block; each !== null; each = blocks[each]?.parent ?? null) if (blocks[each]?.captures) return true;
    return false;
  }
}

function assemble(
  { source, segments }: Template,
  around: (segment: Segment, index: number) => readonly [before: string, after: string],
): Rewritten {
  const parts: string[] = [];
  const lines: { readonly line: number; readonly segment: Segment }[] = [];
  let line = 1;
  for (const [index, segment] of segments.entries()) {
    const [before, after] = around(segment, index);
    const part = before + inEngineSigns(source, segment) + after;
    if (segment.kind !== 'text') lines.push({ line: line + 1, segment });
    parts.push(part);
    for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) line += 1;
  }
  return {
    text: parts.join(''),
    tagAt: (wanted) => lines.findLast((each) => each.line <= wanted)?.segment ?? lines[0]?.segment ?? null,
  };
}

function inEngineSigns(source: string, segment: Segment): string {
  if (segment.kind === 'text') return source.slice(segment.start, segment.end).replaceAll(engineSigns, aBrace);
  const code = segment.standIn ?? source.slice(segment.code.from, segment.code.to);
  return segment.kind === 'expression' ? `{{\n${code}\n}}` : `{%\n${code}\n%}`;
}
