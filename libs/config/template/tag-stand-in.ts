import type { CodeToken } from './code-tokens.ts';
import type { Segment, Template } from './lexer.ts';
import { namesAssigned } from './names-read.ts';

/** What stands in the place of a value that nobody asked for: a text, and where only a number would do, that. */
export const standIns = ['not-checked', '1'] as const;

interface Said {
  readonly template: Template;
  readonly standIn: string;
}

/** What opens, parts or closes a block: nothing else can be said in its place. */
const blockWords = new Set(
  'elif else macro call block autoescape raw endif endfor endset endmacro endcall endfilter endwith endblock endautoescape endraw'.split(
    ' ',
  ),
);

/** The same tag, saying something that cannot fail; itself where there is no such thing. */
export function withStandIn(segment: Segment, { template: { source }, standIn }: Said): Segment {
  if (segment.kind === 'text' || segment.standIn !== undefined) return segment;
  const code = segment.kind === 'expression' ? JSON.stringify(standIn) : statementWithout(segment.code.tokens, { source, standIn });
  return code === null ? segment : { ...segment, standIn: code };
}

function statementWithout(
  tokens: readonly CodeToken[],
  { source, standIn }: { readonly source: string; readonly standIn: string },
): string | null {
  const [keyword] = tokens;
  const upTo = (sign: string) => {
    const end = tokens.find(({ text, depth }) => text === sign && depth === 0);
    return keyword && end ? source.slice(keyword.start, end.start) : null;
  };
  switch (keyword?.text) {
    case 'set': {
      const target = upTo('=');
      const isNamespace = tokens[2]?.text === '.';
      const names = isNamespace ? [] : namesAssigned(tokens);
      const value = names.length > 1 ? names.map(() => JSON.stringify(standIn)).join(', ') : JSON.stringify(standIn);
      return target === null ? null : `${target}= ${names.length > 1 ? `[${value}]` : value}`;
    }
    case 'if':
    case 'elif':
      return `${keyword.text} true`;
    case 'for': {
      const target = upTo('in');
      return target === null ? null : `${target}in []`;
    }
    case 'filter':
      return 'filter trim';
    case 'with':
      return 'with _ = ""';
    default:
      return keyword && blockWords.has(keyword.text) ? null : 'set _ = ""';
  }
}
