import type { CodeToken } from './code-tokens.ts';

const keywords = new Set(
  'if elif else for in is and or not recursive true false none True False None with set macro call filter block do autoescape include import from extends as ignore missing context without'.split(
    ' ',
  ),
);

/** The names that code reads: no attributes, filters, tests, arguments' names, targets or keywords. */
export function namesRead(tokens: readonly CodeToken[]): CodeToken[] {
  return tokens.filter((token, index) => {
    if (token.kind !== 'name' || keywords.has(token.text)) return false;
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
    case 'set':
    case 'macro':
      return first ? [first.text] : [];
    case 'for': {
      const end = tokens.findIndex(({ text, depth }) => text === 'in' && depth === 0);
      return tokens.slice(1, end).flatMap(({ kind, text }) => (kind === 'name' ? [text] : []));
    }
    case 'with':
      return tokens.flatMap(({ kind, text }, index) => (kind === 'name' && tokens[index + 1]?.text === '=' ? [text] : []));
    default:
      return [];
  }
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
