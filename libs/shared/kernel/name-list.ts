const mostNamed = 8;

/** `web, api and 3 more`: as many names as somebody reads; the rest is counted. */
export function nameList(names: readonly string[], most = mostNamed): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
