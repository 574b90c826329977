import type { CodeToken } from './code-tokens.ts';

const keywords = new Set(
  'if elif else for in is and or not recursive true false none True False None with set macro call filter block do autoescape include import from extends as ignore missing context without'.split(
    ' ',
  ),
);

/** The names that code reads: no attributes, filters, tests, arguments' names, targets or keywords. */
export function namesRead(tokens: readonly CodeToken[]): CodeToken[] {
  return namesMentioned(tokens).filter(({ text }) => !keywords.has(text));
}

/** What cannot be the name of a variable anywhere. To the engine any other word is one, where it stands as a value: `from` and `if`, too. */
const constants = new Set(['true', 'false', 'none', 'True', 'False', 'None']);

/** The names that code may read: those that it reads, and keywords, because a variable may be called like one. */
export function namesMentioned(tokens: readonly CodeToken[]): CodeToken[] {
  return tokens.filter((token, index) => {
    if (token.kind !== 'name' || constants.has(token.text)) return false;
    const before = tokens[index - 1]?.text;
    if (before === '.' || before === '|' || before === 'is') return false;
    if (before === 'not' && tokens[index - 2]?.text === 'is') return false;
    return !(tokens[index + 1]?.kind === 'sign' && tokens[index + 1]?.text === '=');
  });
}

/** The names that a statement gives a value to; for a macro its own name. */
export function namesAssigned(tokens: readonly CodeToken[]): string[] {
  const [keyword, first] = tokens;
  switch (keyword?.text) {
    case 'macro':
      return first ? [first.text] : [];
    case 'set':
      return namesIn(tokens.slice(1, endOf(tokens, '=')));
    case 'for':
      return namesIn(tokens.slice(1, endOf(tokens, 'in')));
    // Several are unpacked at once, `(a, b) = c, d = e`: whatever is named may be one of them.
    case 'with':
      return namesIn(tokens.slice(1));
    default:
      return [];
  }
}

/** Where the targets of a statement end; without such a sign nowhere. */
function endOf(tokens: readonly CodeToken[], sign: string): number {
  const end = tokens.findIndex(({ text, depth }) => text === sign && depth === 0);
  return end < 0 ? tokens.length : end;
}

function namesIn(tokens: readonly CodeToken[]): string[] {
  return tokens.flatMap(({ kind, text }) => (kind === 'name' ? [text] : []));
}

/** The parameters of `{% macro name(…) %}` and of `{% call(…) name() %}`. */
export function parametersOf(tokens: readonly CodeToken[]): string[] {
  const open = tokens.findIndex(({ text }) => text === '(');
  const expected = { macro: 2, call: 1 }[tokens[0]?.text ?? ''];
  if (open < 0 || open !== expected) return [];
  const close = tokens.findIndex(({ text, depth }, index) => index > open && text === ')' && depth === 1);
  const inside = tokens.slice(open + 1, close);
  return inside.flatMap(({ kind, text, depth }, index) => {
    const before = inside[index - 1]?.text;
    return kind === 'name' && depth === 1 && (before === undefined || before === ',') ? [text] : [];
  });
}
