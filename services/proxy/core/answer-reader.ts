import { type AnswerHead, readAnswerHead } from './answer-head.ts';
import { type ChunkedProgress, type ChunkedReader, createChunkedReader } from './chunked-body.ts';

/** Hears an answer piece by piece. How it ends is what `read` returns. */
export interface AnswerSink {
  /** An interim answer (1xx, but never 101). */
  onInformation(head: AnswerHead): void;
  /** The head of an answer whose body is still to come. */
  onHead(head: AnswerHead): void;
  /** A view that is valid only during the call. False: no more for now. */
  onData(bytes: Buffer): boolean;
}

/** The end of an answer: with its head, when all of it came at once (the body as latin1 text), or with its trailers. */
export type AnswerEnd =
  | { readonly kind: 'whole'; readonly head: AnswerHead; readonly body: string }
  | { readonly kind: 'end'; readonly head: AnswerHead; readonly trailers: readonly string[] };

/** What bytes of an answer led to. */
export type AnswerProgress =
  /** `goOn`: whether the sink takes more. */
  | { readonly kind: 'more'; readonly goOn: boolean }
  /** Complete; `extra` bytes came after it. */
  | { readonly kind: 'done'; readonly end: AnswerEnd; readonly extra: number }
  /** These bytes are no answer, and the sink has heard of no head. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** No answer, and it began as one. */
  | { readonly kind: 'broken'; readonly reason: string };

/** A head is at most this long, in bytes. */
const headLimit = 65_536;
const headEnd = '\r\n\r\n';
const more: AnswerProgress = { kind: 'more', goOn: true };
const pause: AnswerProgress = { kind: 'more', goOn: false };

/** Reads one HTTP/1.1 answer, however its bytes are cut into pieces. */
export class AnswerReader {
  readonly #method: string;
  #pending: Buffer | null = null;
  #head: AnswerHead | null = null;
  #remaining = 0;
  #chunks: ChunkedReader | null = null;

  /** `method` of the request: the answer to HEAD has no body. */
  constructor(method: string) {
    this.#method = method;
  }

  /** True once the head of the final answer came. */
  get headCame(): boolean {
    return this.#head !== null;
  }

  /** Not to be called again after it returned `done`, `bad` or `broken`. */
  read(bytes: Buffer, sink: AnswerSink): AnswerProgress {
    return this.#head === null ? this.#readHead(bytes, sink) : this.#readBody({ head: this.#head, bytes }, sink);
  }

  /** The upstream has nothing more to say: how the answer ends by that; null when it is cut off. */
  atClose(): AnswerEnd | null {
    return this.#head?.body.kind === 'until-close' ? { kind: 'end', head: this.#head, trailers: [] } : null;
  }

  #readHead(bytes: Buffer, sink: AnswerSink): AnswerProgress {
    let input = this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = null;
    while (input.length > 0) {
      const end = input.indexOf(headEnd, 0, 'latin1');
      if (end > headLimit || (end === -1 && input.length > headLimit)) return bad('the head is too long');
      if (end === -1) {
        this.#pending = Buffer.from(input);
        return more;
      }
      const head = readAnswerHead(input.toString('latin1', 0, end), this.#method);
      if (head.kind === 'bad') return bad(head.reason);
      if (head.status === 101) return bad('it switches protocols without being asked');
      input = input.subarray(end + headEnd.length);
      if (head.status >= 200) return this.#beginBody({ head, bytes: input }, sink);
      sink.onInformation(head);
    }
    return more;
  }

  /** What fits into one piece with its head is told in one. */
  #beginBody({ head, bytes }: Part, sink: AnswerSink): AnswerProgress {
    this.#head = head;
    switch (head.body.kind) {
      case 'none':
        return { kind: 'done', end: { kind: 'whole', head, body: '' }, extra: bytes.length };
      case 'length': {
        const length = head.body.bytes;
        this.#remaining = length;
        if (bytes.length < length) break;
        return { kind: 'done', end: { kind: 'whole', head, body: bytes.toString('latin1', 0, length) }, extra: bytes.length - length };
      }
      case 'chunked':
        return this.#beginChunks({ head, bytes }, sink);
      case 'until-close':
        break;
      default:
        head.body satisfies never;
    }
    sink.onHead(head);
    return bytes.length === 0 ? more : this.#readBody({ head, bytes }, sink);
  }

  #beginChunks({ head, bytes }: Part, sink: AnswerSink): AnswerProgress {
    this.#chunks = createChunkedReader();
    const pieces: Buffer[] = [];
    const progress = this.#chunks.read(bytes, (piece) => pieces.push(piece));
    if (progress.kind === 'broken') return bad(progress.reason);
    if (progress.kind === 'done' && progress.trailers.length === 0) {
      const body = pieces.map((piece) => piece.toString('latin1')).join('');
      return { kind: 'done', end: { kind: 'whole', head, body }, extra: bytes.length - progress.rest };
    }
    sink.onHead(head);
    let goOn = true;
    for (const piece of pieces) goOn = sink.onData(piece) && goOn;
    return afterChunks({ head, bytes }, { progress, goOn });
  }

  #readBody({ head, bytes }: Part, sink: AnswerSink): AnswerProgress {
    if (head.body.kind === 'until-close') return sink.onData(bytes) ? more : pause;
    if (this.#chunks) {
      let goOn = true;
      const progress = this.#chunks.read(bytes, (piece) => {
        goOn = sink.onData(piece) && goOn;
      });
      return afterChunks({ head, bytes }, { progress, goOn });
    }
    const part = bytes.length > this.#remaining ? bytes.subarray(0, this.#remaining) : bytes;
    this.#remaining -= part.length;
    const goOn = sink.onData(part);
    if (this.#remaining > 0) return goOn ? more : pause;
    return { kind: 'done', end: { kind: 'end', head, trailers: [] }, extra: bytes.length - part.length };
  }
}

interface Part {
  readonly head: AnswerHead;
  readonly bytes: Buffer;
}

function afterChunks(
  { head, bytes }: Part,
  { progress, goOn }: { readonly progress: ChunkedProgress; readonly goOn: boolean },
): AnswerProgress {
  switch (progress.kind) {
    case 'more':
      return goOn ? more : pause;
    case 'done':
      return { kind: 'done', end: { kind: 'end', head, trailers: progress.trailers }, extra: bytes.length - progress.rest };
    case 'broken':
      return progress;
    default:
      return progress satisfies never;
  }
}

function bad(reason: string): AnswerProgress {
  return { kind: 'bad', reason };
}
