import type { Template } from './lexer.ts';
import { namesAssigned, parametersOf } from './names-read.ts';
import type { Variables } from './variable-document.ts';

/** The names that a template gives values to itself. */
export function ownNames({ segments }: Template): string[] {
  return segments.flatMap((segment) =>
    segment.kind === 'statement' ? [...namesAssigned(segment.code.tokens), ...parametersOf(segment.code.tokens)] : [],
  );
}

/** Where the variables of a template are defined; of a name that it gives a value to itself, no place is the one to look at. */
export function definedOutside(template: Template, definedAt: Variables['definedAt'] = new Map()): Variables['definedAt'] {
  const own = new Set(ownNames(template));
  return own.size === 0 ? definedAt : new Map([...definedAt].filter(([name]) => !own.has(name)));
}
