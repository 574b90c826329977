import { type DirectBatchOptions, type DirectLastFor, JetStreamError, type StoredMsg } from '@nats-io/jetstream';

/** As much of a stored message as we look at. */
export type StoredMessage = Pick<StoredMsg, 'subject' | 'seq' | 'header' | 'data' | 'time' | 'pending'>;

/** Told each message, and in the end, with a message that is none, how it ended. */
export type Told = (done: { readonly err?: Error } | null, message: StoredMessage) => void;

/** The server's direct gets, as the client offers them. */
export interface DirectReader {
  readonly direct: {
    getBatch(stream: string, options: DirectBatchOptions & { readonly callback: Told }): Promise<Answer>;
    getLastMessagesFor(stream: string, options: DirectLastFor & { readonly callback: Told }): Promise<Answer>;
  };
}

interface Answer {
  stop(error?: Error): void;
}

/** `batch`: several messages from one sequence or time on; `last`: the last one of each subject. */
type DirectQuestion = { readonly stream: string } & (
  | ({ readonly kind: 'batch' } & DirectBatchOptions)
  | ({ readonly kind: 'last' } & DirectLastFor)
);

/** An answer that is not complete after so long will never be: the client itself waits 5 s for its first message. */
const answerTakesMs = 10_000;
/** The server's status when there is nothing to tell. */
const nothingThere = 404;

/**
 * Asks a stream for several messages at once; resolves to them in the order of their sequence, to none when there are none. Asked with a
 * callback and not as an iterator, because only so does the client give its subscription back at the end.
 */
export async function readDirect(manager: DirectReader, { kind, stream, ...question }: DirectQuestion): Promise<readonly StoredMessage[]> {
  const messages: StoredMessage[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<readonly StoredMessage[]>();
  const callback: Told = (done, message) => {
    if (!done) messages.push(message);
    else if (!done.err || isNothing(done.err)) resolve(messages);
    else reject(done.err);
  };
  const answer =
    kind === 'last'
      ? await manager.direct.getLastMessagesFor(stream, { ...(question as DirectLastFor), callback })
      : await manager.direct.getBatch(stream, { ...(question as DirectBatchOptions), callback });
  // An answer of which the connection lost a part has no end of its own.
  const timer = setTimeout(() => answer.stop(new Error(`the answer broke off after ${messages.length} messages`)), answerTakesMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function isNothing(thrown: Error): boolean {
  return thrown instanceof JetStreamError && 'code' in thrown && thrown.code === nothingThere;
}
