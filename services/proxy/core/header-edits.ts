/** The first value of a header in a flat list of names and values; undefined when it is not there. */
export function headerIn(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const found = headers[index] ?? '';
    if (found.length === name.length && found.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
