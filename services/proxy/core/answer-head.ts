import { readConnectionOptions } from './connection-options.ts';
import { trimBlanks } from './field-line.ts';
import { specialName } from './header-names.ts';

/** Where the body of an answer ends (RFC 9112 §6.3). */
export type AnswerBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/** The head of an answer, with what ends at this hop removed. */
export interface AnswerHead {
  readonly kind: 'head';
  readonly status: number;
  readonly reason: string;
  /** Names and values take turns. */
  readonly headers: string[];
  readonly body: AnswerBody;
  /** The trailers that it announces (RFC 9110 §6.6.2), for whoever sends the body on in chunks; null when it announces none. */
  readonly trailer: string | null;
  /** Whether the upstream keeps the connection open for another request. */
  readonly keepAlive: boolean;
  /** How long the upstream said it keeps an idle connection; null when it said nothing. */
  readonly keepAliveMs: number | null;
}

/** Bytes that are no answer, and why. */
export interface BadAnswer {
  readonly kind: 'bad';
  readonly reason: string;
}

const trailerName = 'trailer';
/** A name and a value without control characters (RFC 9110 §5.1, §5.5): what one reader takes for a length, the next one may not. */
const fieldLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([^\r\n]*))?$/;

/** Reads an answer head: `text` is everything before the empty line. Strict, because lenient readers disagree with each other. */
export function readAnswerHead(text: string, method: string): AnswerHead | BadAnswer {
  const lines = text.split('\r\n');
  const [, minor, statusText = '', reason = ''] = statusLine.exec(lines[0] ?? '') ?? [];
  if (minor === undefined) return bad('the status line is not valid');
  const status = Number(statusText);
  const headers: string[] = [];
  let contentLength: number | null = null;
  let chunked = false;
  let keepAlive = minor === '1';
  let keepAliveMs: number | null = null;
  let dropped: ReadonlySet<string> | null = null;
  let trailer: string | null = null;

  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    if (!fieldLine.test(line)) return bad('a header line is not valid');
    const name = line.slice(0, colon);
    const value = trimBlanks(line.slice(colon + 1));
    switch (specialName(name)) {
      case 'content-length': {
        const length = /^\d{1,15}$/.test(value) ? Number(value) : null;
        if (length === null || (contentLength !== null && contentLength !== length)) return bad('Content-Length is not one number');
        if (contentLength === null) headers.push(name, value);
        contentLength = length;
        break;
      }
      case 'transfer-encoding':
        if (chunked || value.toLowerCase() !== 'chunked') return bad('the transfer coding is not "chunked"');
        chunked = true;
        break;
      case 'connection': {
        const options = readConnectionOptions(value);
        if (options.kind === 'refused') return bad(`Connection names "${options.option}"`);
        if (options.kind === 'named') {
          keepAlive &&= !options.close;
          dropped = new Set([...(dropped ?? []), ...options.names]);
        }
        break;
      }
      case 'keep-alive':
        keepAliveMs = keepAliveTimeoutMs(value);
        break;
      case 'upgrade':
        // Which protocols a server would rather speak is for the client to know (426); the hop itself does not change.
        if (status === 426) headers.push(name, value);
        break;
      case 'proxy-connection':
      case 'http2-settings':
      case 'te':
        break;
      default:
        if (name.length === trailerName.length && name.toLowerCase() === trailerName)
          trailer = trailer === null ? value : `${trailer}, ${value}`;
        else headers.push(name, value);
    }
  }
  if (chunked && contentLength !== null) return bad('Content-Length and Transfer-Encoding contradict each other');
  // RFC 9110 §8.6: a length has no place there.
  if (contentLength !== null && (status < 200 || status === 204)) dropped = new Set([...(dropped ?? []), 'content-length']);
  const body = bodyOf({ status, method, chunked, contentLength });
  return {
    kind: 'head',
    status,
    reason,
    headers: dropped === null ? headers : without(headers, dropped),
    body,
    trailer,
    keepAlive: keepAlive && body.kind !== 'until-close',
    keepAliveMs,
  };
}

function bodyOf({
  status,
  method,
  chunked,
  contentLength,
}: {
  status: number;
  method: string;
  chunked: boolean;
  contentLength: number | null;
}): AnswerBody {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'none' };
  if (chunked) return { kind: 'chunked' };
  if (contentLength === null) return { kind: 'until-close' };
  return contentLength === 0 ? { kind: 'none' } : { kind: 'length', bytes: contentLength };
}

function keepAliveTimeoutMs(value: string): number | null {
  const [, seconds] = /(?:^|[,\s])timeout\s*=\s*"?(\d{1,6})/i.exec(value) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

function without(headers: readonly string[], dropped: ReadonlySet<string>): string[] {
  return headers.filter((_, index) => !dropped.has((headers[index - (index % 2)] ?? '').toLowerCase()));
}

function bad(reason: string): BadAnswer {
  return { kind: 'bad', reason };
}
