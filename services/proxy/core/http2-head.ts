import type { IncomingHead, Refusal } from './read-request-head.ts';

/** A request of HTTP/2, told as HTTP/1.1 would tell it, so that one judge is enough for both. */
export interface TranslatedHead extends IncomingHead {
  readonly kind: 'head';
  /** What is wanted on the connection after it (RFC 8441 §4); null for an ordinary request. */
  readonly protocol: string | null;
}

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** What a request line can carry: what ends one, or a part of it, would make two requests of one. */
const lineText = /^[!-~\x80-\xff]+$/;
/** RFC 9113 §8.2.2. */
const ofOneConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings']);

/**
 * Translates the head of a request (RFC 9113 §8.3). The framing before it is strict; refused here is also what HTTP/1.1 could not tell, or would
 * tell as something else. `fields` are names in lower case and values that take turns; `endsHere` is true when no body follows.
 */
export function readHttp2Head(fields: readonly string[], endsHere: boolean): TranslatedHead | Refusal {
  let method = '';
  let path = '';
  let authority: string | null = null;
  let host: string | null = null;
  let protocol: string | null = null;
  let cookie: string | null = null;
  let hasLength = false;
  const rest: string[] = [];

  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    switch (name) {
      case ':method':
        method = value;
        break;
      case ':path':
        path = value;
        break;
      case ':authority':
        authority = value;
        break;
      case ':protocol':
        protocol = value;
        break;
      case ':scheme':
        break; // what the client speaks is known from its connection
      case 'host':
        if (host !== null) return refuse('there are two Host headers');
        host = value;
        break;
      case 'cookie':
        // Taken apart for the sake of compression (RFC 9113 §8.2.3).
        cookie = cookie === null ? value : `${cookie}; ${value}`;
        break;
      default:
        if (name.startsWith(':')) return refuse('there is an unknown pseudo-header');
        if (ofOneConnection.has(name)) return refuse(`"${name}" is not for HTTP/2`);
        if (name === 'te' && value.toLowerCase() !== 'trailers') return refuse('TE may only be "trailers"');
        hasLength ||= name === 'content-length';
        rest.push(name, value);
    }
  }

  if (!token.test(method)) return refuse('the method is not valid');
  // A tunnel has none (RFC 9113 §8.5).
  if (!lineText.test(path) && (method !== 'CONNECT' || protocol !== null)) return refuse('the path is not valid');
  if (authority !== null && host !== null && authority.toLowerCase() !== host.toLowerCase())
    return refuse('Host and :authority contradict each other');
  const named = authority ?? host;
  const rawHeaders = [
    ...(named === null ? [] : ['Host', named]),
    ...rest,
    ...(cookie === null ? [] : ['Cookie', cookie]),
    ...(endsHere || hasLength || protocol !== null ? [] : ['Transfer-Encoding', 'chunked']),
  ];
  return { kind: 'head', method, target: path, httpVersion: '1.1', rawHeaders, protocol };
}

function refuse(reason: string): Refusal {
  return { kind: 'refuse', status: 400, reason };
}
