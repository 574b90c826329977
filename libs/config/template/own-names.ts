import { findBlocks } from './block-tree.ts';
import type { CodeToken } from './code-tokens.ts';
import type { Template } from './lexer.ts';
import { namesAssigned, namesMentioned, parametersOf } from './names-read.ts';
import type { Variables } from './variable-document.ts';

/** The names that a template gives values to itself. */
export function ownNames({ segments }: Template): string[] {
  return segments.flatMap((segment) =>
    segment.kind === 'statement' ? [...namesAssigned(segment.code.tokens), ...parametersOf(segment.code.tokens)] : [],
  );
}

/**
 * Where the variables of a template are defined; of a name that stands somewhere for a value of the template's own, no place is the one to
 * look at.
 */
export function definedOutside(template: Template, definedAt: Variables['definedAt'] = new Map()): Variables['definedAt'] {
  const shadowed = shadowedNames(template);
  return shadowed.size === 0 ? definedAt : new Map([...definedAt].filter(([name]) => !shadowed.has(name)));
}

/** What `set` and macros name counts from there on; names of a block count only where they are read within it. */
function shadowedNames(template: Template): ReadonlySet<string> {
  const { segments } = template;
  const { blocks } = findBlocks(template);
  const opened = new Set(blocks.map(({ headers }) => headers[0]));
  const closed = new Map(blocks.map(({ headers, closing }) => [closing, headers[0]]));
  const shadowed = new Set<string>();
  const around = new Map<string, number>();
  const count = (names: readonly string[], by: 1 | -1) => {
    for (const name of names) around.set(name, (around.get(name) ?? 0) + by);
  };
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'text') continue;
    const { tokens } = segment.code;
    if (segment.kind === 'expression') {
      for (const { text } of namesMentioned(tokens)) if ((around.get(text) ?? 0) > 0) shadowed.add(text);
      continue;
    }
    const opener = segments[closed.get(index) ?? -1];
    if (opener?.kind === 'statement') count(namesWithin(opener.code.tokens), -1);
    if (opened.has(index)) count(namesWithin(tokens), 1);
    if (!namesBlock(tokens)) for (const name of namesAssigned(tokens)) shadowed.add(name);
  }
  return shadowed;
}

/** The names that have a value in the block of a statement alone. */
function namesWithin(tokens: readonly CodeToken[]): string[] {
  return [...(namesBlock(tokens) ? namesAssigned(tokens) : []), ...parametersOf(tokens)];
}

function namesBlock([keyword]: readonly CodeToken[]): boolean {
  return keyword?.text === 'for' || keyword?.text === 'with';
}
