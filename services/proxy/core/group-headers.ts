/** Headers (names and values take turns) as the record that Node takes: names in lower case, several values of one name as a list. */
export function groupHeaders(headers: readonly string[]): Record<string, string | string[]> {
  const grouped = new Map<string, string[]>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const values = grouped.get(name);
    if (values) values.push(headers[index + 1] ?? '');
    else grouped.set(name, [headers[index + 1] ?? '']);
  }
  return Object.fromEntries([...grouped].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]));
}
