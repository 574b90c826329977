import { readConnectionOptions } from './connection-options.ts';
import { specialName } from './header-names.ts';

/** A request head as the parser hands it over: names and values take turns in `rawHeaders`. */
export interface IncomingHead {
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

/** What a proxy has to know of a request before it sends it on. */
export interface RequestFacts {
  readonly kind: 'forward';
  /** Host and perhaps port, as the client wrote it. */
  readonly authority: string;
  /** The request target in origin form, or `*`. */
  readonly path: string;
  readonly body: 'none' | 'length' | 'chunked';
  /** Of the body, as the client announced it; null for one in chunks, of which nobody knows. */
  readonly bodyBytes: number | null;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** The client understands trailers. */
  readonly acceptsTrailers: boolean;
  /** Headers that `Connection` named: they end here. */
  readonly dropped: ReadonlySet<string> | null;
}

/** A request that must not reach any upstream, and the answer it gets. */
export interface Refusal {
  readonly kind: 'refuse';
  readonly status: 400 | 431 | 501 | 505;
  readonly reason: string;
}

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * Reads and judges a request head. The parser before it is strict already; refused here is what it lets through and what two
 * readers could understand differently (RFC 9112 §3.2, §6.1, §11.2).
 */
export function readRequestHead({ method, target, httpVersion, rawHeaders }: IncomingHead): RequestFacts | Refusal {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refuse(505, `HTTP/${httpVersion} is not spoken here`);
  let host: string | null = null;
  let contentLength: string | null = null;
  let transferEncoding: string | null = null;
  let expectsContinue = false;
  let acceptsTrailers = false;
  let dropped: Set<string> | null = null;

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const special = specialName(rawHeaders[index] ?? '');
    if (special === null) continue;
    const value = rawHeaders[index + 1] ?? '';
    switch (special) {
      case 'host':
        if (host !== null) return refuse(400, 'there are two Host headers');
        host = value;
        break;
      case 'content-length':
        if (contentLength !== null || !/^\d+$/.test(value)) return refuse(400, 'Content-Length is not one number');
        contentLength = value;
        break;
      case 'transfer-encoding':
        if (transferEncoding !== null) return refuse(400, 'there are two Transfer-Encoding headers');
        if (value.toLowerCase() !== 'chunked')
          return refuse(501, 'a body is understood as it is or chunked, not in other transfer codings');
        transferEncoding = value;
        break;
      case 'connection': {
        const options = readConnectionOptions(value);
        if (options.kind === 'refused') return refuse(400, `Connection may not name "${options.option}"`);
        if (options.kind === 'named') dropped = new Set([...(dropped ?? []), ...options.names]);
        break;
      }
      case 'expect':
        expectsContinue = value.toLowerCase() === '100-continue';
        break;
      case 'te':
        acceptsTrailers ||= /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value);
        break;
      default:
        break;
    }
  }

  if (transferEncoding !== null && contentLength !== null) return refuse(400, 'Content-Length and Transfer-Encoding contradict each other');
  if (transferEncoding !== null && httpVersion === '1.0') return refuse(400, 'HTTP/1.0 knows no Transfer-Encoding');
  if (host === null && httpVersion === '1.1') return refuse(400, 'the Host header is missing');
  const place = readTarget({ method, target }, host ?? '');
  if (place === null) return refuse(400, 'the request target is not valid');
  return {
    kind: 'forward',
    ...place,
    body: transferEncoding !== null ? 'chunked' : Number(contentLength ?? 0) > 0 ? 'length' : 'none',
    bodyBytes: transferEncoding !== null ? null : Number(contentLength ?? 0),
    expectsContinue: expectsContinue && httpVersion === '1.1',
    acceptsTrailers,
    dropped,
  };
}

/** RFC 9112 §3.2: origin form, absolute form (whose authority replaces the Host header, §3.2.2) and the asterisk of OPTIONS. */
function readTarget(
  { method, target }: Pick<IncomingHead, 'method' | 'target'>,
  host: string,
): Pick<RequestFacts, 'authority' | 'path'> | null {
  if (target.startsWith('/')) return { authority: host, path: target };
  if (target === '*') return method === 'OPTIONS' ? { authority: host, path: target } : null;
  const [, authority = '', rest = ''] = absoluteForm.exec(target) ?? [];
  if (authority === '' || authority.includes('@')) return null;
  // RFC 9112 §3.2.4.
  if (method === 'OPTIONS' && rest === '') return { authority, path: '*' };
  return { authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

function refuse(status: Refusal['status'], reason: string): Refusal {
  return { kind: 'refuse', status, reason };
}
