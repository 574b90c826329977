import type { AnswerBody, AnswerHead } from './answer-head.ts';
import { specialName } from './header-names.ts';

interface AskedHead {
  readonly method: string;
  readonly path: string;
  /** As HTTP/1.1 has them; names and values take turns. */
  readonly headers: readonly string[];
}

/** The fields of a request as HTTP/2 has them (RFC 9113 §8.3.1): without what belongs to one connection, and with the host among the first. */
export function requestFields({ method, path, headers }: AskedHead): string[] {
  let authority = '';
  const fields: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    switch (specialName(name)) {
      case 'host':
        authority = value;
        break;
      case 'connection':
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
      case 'http2-settings':
      case 'upgrade':
        break;
      default:
        fields.push(name.toLowerCase(), value);
    }
  }
  return [':method', method, ':scheme', 'http', ':path', path, ':authority', authority, ...fields];
}

interface AnsweredHead {
  readonly status: number;
  /** As they came, pseudo-headers among them. */
  readonly fields: readonly string[];
  /** No body follows. */
  readonly endsHere: boolean;
}

/** The head of an answer as everybody here has it. What it is framed by is known: an answer without a length goes on in chunks. */
export function answerHead({ status, fields, endsHere }: AnsweredHead): AnswerHead {
  const headers: string[] = [];
  let trailer: string | null = null;
  let bytes: number | null = null;
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    if (name.startsWith(':')) continue;
    if (name === 'trailer') {
      trailer = trailer === null ? value : `${trailer}, ${value}`;
      continue;
    }
    if (name === 'content-length') bytes = Number(value);
    headers.push(name, value);
  }
  return { kind: 'head', status, reason: '', headers, body: bodyOf(bytes, endsHere), trailer, keepAlive: true, keepAliveMs: null };
}

function bodyOf(bytes: number | null, endsHere: boolean): AnswerBody {
  if (endsHere) return { kind: 'none' };
  return bytes === null ? { kind: 'chunked' } : { kind: 'length', bytes };
}
