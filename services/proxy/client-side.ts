import type { AnswerHead } from './core/answer-head.ts';
import type { ShortAnswer } from './core/error-page.ts';
import type { UpstreamExchange } from './ports.ts';

/** What holds for the way of a body to a target. */
export interface UploadTerms {
  /** 0: for ever. */
  readonly idleMs: number;
  /** Called when the client stops sending although the target waits. */
  readonly onSilence: () => void;
  readonly maxBytes: number;
  /** Called when the client sends more than that; nothing of it is sent on. */
  readonly onTooMuch: () => void;
  /** Told the length of each piece that was sent on. */
  readonly onPiece: (bytes: number) => void;
  /** Names of trailers that the target does not get, as `plainHeader` has them; null for none beside those that nobody gets. */
  readonly withoutTrailers: ReadonlySet<string> | null;
}

/** The body of a request on its way to a target. */
export interface RequestBody {
  /** Nobody takes it yet: reads some of it, so that a client that leaves is noticed. `client` is who sends it, as `clientKey` has it. */
  readAhead(client: string): void;
  /** Sends the body on as fast as the target takes it. */
  pump(exchange: UpstreamExchange, terms: UploadTerms): void;
  /** The target takes more again. */
  resume(): void;
  /** The answer was given: what is still to come is read and thrown away, for a while. */
  discard(): void;
}

/** The client's end of one request: all that a passage knows of the protocol which carries it. Calls after the client went away are harmless. */
export interface ClientSide {
  /** As logs name it, with its version. */
  readonly protocol: string;
  readonly method: string;
  /** What the client would like to be answered with. */
  readonly accept: string | undefined;
  /** Null for a request without a body. */
  readonly body: RequestBody | null;
  /** True once the head of the answer was given: it cannot be another one any more. */
  readonly begun: boolean;
  /** True while so much of what the client sent is not read yet, of this request or behind it, that nobody would notice it leaving. */
  readonly isDeaf: boolean;
  /** Called when the answer was sent whole, and also when the client went away before. */
  onGone(listener: () => void): void;
  /** Passes an interim answer on, if the client understands it. Throws when it is no valid one. */
  inform(head: AnswerHead): void;
  /** Gives the head of an answer and at once everything of it if `whole` is not null (latin1 text). Throws when it is no valid one. */
  begin(head: AnswerHead, whole: string | null): void;
  /** A piece of the body. False: the client takes no more until `onDrain`. */
  write(bytes: Buffer): boolean;
  onDrain(listener: () => void): void;
  /** The answer is complete. */
  end(trailers: readonly string[]): void;
  /** Gives an answer of the proxy's own. With `close` nothing else is read from this client. */
  refuse(answer: ShortAnswer, close: boolean): void;
  /** The answer cannot be completed, and the client must see that. */
  breakOff(): void;
}
