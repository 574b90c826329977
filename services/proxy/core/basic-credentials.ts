import { Buffer } from 'node:buffer';

/** Who a client says it is. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Reads the one `Authorization` of a request (RFC 7617); null when there is none, several, or another kind. */
export function basicCredentials(rawHeaders: readonly string[]): Credentials | null {
  const [given, ...more] = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization');
  const [, token] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(given ?? '') ?? [];
  if (token === undefined || more.length > 0) return null;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
