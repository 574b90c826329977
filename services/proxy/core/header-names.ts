/**
 * Headers of a request or an answer that a proxy has to look at: framing, routing, hop-by-hop (RFC 9110 §7.6.1) and those that
 * tell an upstream who asked.
 */
export type SpecialName =
  | 'te'
  | 'host'
  | 'expect'
  | 'upgrade'
  | 'forwarded'
  | 'x-real-ip'
  | 'connection'
  | 'keep-alive'
  | 'content-length'
  | 'http2-settings'
  | 'x-forwarded-for'
  | 'proxy-connection'
  | 'x-forwarded-host'
  | 'x-forwarded-port'
  | 'transfer-encoding'
  | 'x-forwarded-proto'
  | 'x-forwarded-prefix';

const byLength: readonly (readonly SpecialName[] | undefined)[] = lengths([
  'te',
  'host',
  'expect',
  'upgrade',
  'forwarded',
  'x-real-ip',
  'connection',
  'keep-alive',
  'content-length',
  'http2-settings',
  'x-forwarded-for',
  'proxy-connection',
  'x-forwarded-host',
  'x-forwarded-port',
  'transfer-encoding',
  'x-forwarded-proto',
  'x-forwarded-prefix',
]);

const letterX = 0x78;

/** The lower-case name of a header that a proxy has to look at; null for all others. Length first: most names need no lower-casing. */
export function specialName(name: string): SpecialName | null {
  const candidates = byLength[name.length];
  if (!candidates) return null;
  let lower = name.toLowerCase();
  // CGI-like servers turn `-` into `_`: what a client sends as `X_Forwarded_For` must not reach them as the real one.
  if (lower.charCodeAt(0) === letterX) lower = lower.replaceAll('_', '-');
  for (const candidate of candidates) if (candidate === lower) return candidate;
  return null;
}

/** Fields that a trailer section may not carry (RFC 9110 §6.5.1): framing, routing, and who asked. */
export function isForbiddenTrailer(name: string): boolean {
  return specialName(name) !== null;
}

function lengths(names: readonly SpecialName[]): (readonly SpecialName[] | undefined)[] {
  const table: (SpecialName[] | undefined)[] = [];
  for (const name of names) table[name.length] = [...(table[name.length] ?? []), name];
  return table;
}
