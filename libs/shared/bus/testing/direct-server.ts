import { JetStreamError } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { DirectReader, StoredMessage, Told } from '../direct-read.ts';

/** What the server answers to one question: messages, or a status such as 404. */
type Answers = (question: Readonly<Record<string, unknown>>) => readonly StoredMessage[] | number | Error;

/** Answers direct gets as the client tells them: message by message, then the end; each question is noted. */
export function serverOf(answers: Answers) {
  const asked: Readonly<Record<string, unknown>>[] = [];
  const answer = async (stream: string, { callback, ...question }: { readonly callback: Told }) => {
    asked.push({ stream, ...question });
    const told = answers(question);
    const end = message({ seq: 0, key: '' });
    if (typeof told === 'number') callback({ err: Object.assign(new JetStreamError('a status'), { code: told }) }, end);
    else if (told instanceof Error) callback({ err: told }, end);
    else {
      for (const each of told) callback(null, each);
      callback({}, end);
    }
    return { stop: () => undefined };
  };
  const manager: DirectReader = { direct: { getBatch: answer, getLastMessagesFor: answer } };
  return { manager, asked };
}

interface MessageOptions {
  readonly seq: number;
  readonly key: string;
  readonly text?: string;
  /** How many more the server has after this one. */
  readonly pending?: number;
  /** The headers of a deletion or expiry. */
  readonly marker?: readonly [name: string, value: string];
}

/** A stored message of the bucket `images`. */
export function message({ seq, key, text = '{}', pending = 0, marker }: MessageOptions): StoredMessage {
  const header = headers();
  if (marker) header.set(...marker);
  return { subject: `$KV.images.${key}`, seq, header, data: new TextEncoder().encode(text), time: new Date(seq), pending };
}
