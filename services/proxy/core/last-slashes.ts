/** The text without the slashes at its end. In linear time, which a regular expression does not take for slashes elsewhere. */
export function withoutLastSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
