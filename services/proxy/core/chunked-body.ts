import { isFieldName, isFieldValue, trimBlanks } from './field-line.ts';
import { isForbiddenTrailer } from './header-names.ts';

/** What a piece of a chunked body (RFC 9112 §7.1) led to. `rest` is where the bytes after the body begin. */
export type ChunkedProgress =
  | { readonly kind: 'more' }
  | { readonly kind: 'done'; readonly rest: number; readonly trailers: readonly string[] }
  | { readonly kind: 'broken'; readonly reason: string };

/** Takes the framing off a chunked body, piece by piece. */
export interface ChunkedReader {
  /** `emit` gets views into `bytes`: whoever keeps them longer than the call copies them. */
  read(bytes: Buffer, emit: (data: Buffer) => void): ChunkedProgress;
}

const more: ChunkedProgress = { kind: 'more' };
const lineLimit = 4_096;
const trailerLimit = 16_384;
/** Hexadecimal digits of a chunk's size; 12 are 256 TiB and still an exact number. */
const sizeForm = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i;

/** For one body; not to be asked again after `done` or `broken`. */
export function createChunkedReader(): ChunkedReader {
  let state: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  let line = '';
  let remaining = 0;
  let trailerBytes = 0;
  const trailers: string[] = [];

  function read(bytes: Buffer, emit: (data: Buffer) => void): ChunkedProgress {
    let at = 0;
    while (at < bytes.length) {
      if (state === 'data') {
        const end = Math.min(bytes.length, at + remaining);
        emit(bytes.subarray(at, end));
        remaining -= end - at;
        at = end;
        if (remaining === 0) state = 'data-end';
        continue;
      }
      const newline = bytes.indexOf(0x0a, at);
      const end = newline === -1 ? bytes.length : newline;
      line += bytes.toString('latin1', at, end);
      if (line.length > lineLimit) return broken('a line of the chunked body is too long');
      if (newline === -1) return more;
      at = newline + 1;
      if (!line.endsWith('\r')) return broken('a line of the chunked body does not end in CR LF');
      const text = line.slice(0, -1);
      line = '';
      const ended = takeLine(text);
      if (ended === 'done') return { kind: 'done', rest: at, trailers };
      if (ended !== null) return broken(ended);
    }
    return more;
  }

  function takeLine(text: string): string | null {
    if (text.includes('\r')) return 'a line of the chunked body is not valid';
    switch (state) {
      case 'size': {
        const [, digits] = sizeForm.exec(text) ?? [];
        if (digits === undefined) return 'the size of a chunk is not valid';
        remaining = Number.parseInt(digits, 16);
        state = remaining === 0 ? 'trailers' : 'data';
        return null;
      }
      case 'data-end':
        state = 'size';
        return text === '' ? null : 'a chunk is longer than it said';
      case 'trailers':
        return text === '' ? 'done' : takeTrailer(text);
      case 'data':
        return null;
      default:
        return state satisfies never;
    }
  }

  function takeTrailer(text: string): string | null {
    trailerBytes += text.length;
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(colon, 0));
    const value = trimBlanks(text.slice(colon + 1));
    if (!isFieldName(name) || !isFieldValue(value) || trailerBytes > trailerLimit) return 'a trailer is not valid';
    if (!isForbiddenTrailer(name)) trailers.push(name, value);
    return null;
  }

  return { read };
}

function broken(reason: string): ChunkedProgress {
  return { kind: 'broken', reason };
}
