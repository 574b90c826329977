const tag = /\{\{\n(.*?)\n\}\}|\{%\n(.*?)\n%\}|\{[{%#]/gs;
/** Names, texts, comparisons and defaults; no brackets, and so nothing that makes a list or calls a function. */
const brief = /^(?:[\w\s]|[=!]=|"[^"\\]*"|'[^'\\]*'|\|\s*(?:default|d)\s*\(\s*(?:"[^"\\]*"|'[^'\\]*')\s*\))*$/;
const lasting = /\b(?:for|in|macro|call|set|with|block|filter|autoescape|do|extends|include|import|from)\b/;

/**
 * Whether a template in the engine's own signs, each in a line of its own, cannot take long: it prints and compares names. To be able to
 * stop a rendering costs more than such a one takes.
 */
export function isBrief(text: string): boolean {
  for (const [, expression, statement] of text.matchAll(tag)) {
    const code = expression ?? statement ?? '(';
    if (!brief.test(code) || lasting.test(code)) return false;
  }
  return true;
}
