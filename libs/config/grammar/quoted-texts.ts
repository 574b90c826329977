/** A text in which what is quoted, or a comment, no longer counts. */
export interface BareText {
  /** As long as the text, with `_` in the place of texts that end in their line, and of comments. */
  readonly bare: string;
  /** The first quote that its line does not close; null when there is none. */
  readonly open: number | null;
}

/** Blanks the texts and comments of TOML that lie in a line each. Each line is walked along three times at most, whatever stands in it. */
export function withoutTexts(text: string): BareText {
  const parts: string[] = [];
  let open: number | null = null;
  let copied = 0;
  let lineEnd = -1;
  let unclosed = '';
  for (let at = 0; at < text.length; at += 1) {
    if (at > lineEnd) {
      const lineFeed = text.indexOf('\n', at);
      lineEnd = lineFeed < 0 ? text.length : lineFeed;
      unclosed = '';
    }
    const sign = text.charAt(at);
    if (sign !== '"' && sign !== "'" && sign !== '#') continue;
    // What the first of its kind does not find in this line, a later one finds neither.
    const end = sign === '#' ? lineEnd : unclosed.includes(sign) ? null : closing(text, { at, lineEnd });
    if (end === null) {
      open ??= at;
      if (!unclosed.includes(sign)) unclosed += sign;
      continue;
    }
    parts.push(text.slice(copied, at), '_'.repeat(end - at));
    copied = end;
    at = end - 1;
  }
  return { bare: parts.join('') + text.slice(copied), open };
}

/** Behind the quote that closes the one at a place. */
function closing(text: string, { at: start, lineEnd }: { readonly at: number; readonly lineEnd: number }): number | null {
  const quote = text.charAt(start);
  for (let at = start + 1; at < lineEnd; at += 1) {
    if (text[at] === quote) return at + 1;
    if (quote === '"' && text[at] === '\\') at += 1;
  }
  return null;
}
