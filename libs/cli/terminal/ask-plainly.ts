import { type EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

interface PlainQuestion {
  readonly question: string;
  readonly input: Readable;
  readonly output: Writable;
  /** What says `SIGINT` when somebody presses Ctrl-C. Default: the process. */
  readonly interrupts?: EventEmitter;
}

/** Asks in one line, for a terminal that can only write on: anything but a yes is a no, and so are the end of its input and Ctrl-C. */
export async function askPlainly({ question, input, output, interrupts = process }: PlainQuestion): Promise<boolean> {
  const lines = createInterface({ input, output, terminal: false });
  const answered = new AbortController();
  const { signal } = answered;
  try {
    const answer = await Promise.race([
      // Some versions of Node reject where the input ends, others wait for ever.
      lines.question(`${question} [y/N] `).catch(() => null),
      once(lines, 'close', { signal }).then(() => null),
      once(interrupts, 'SIGINT', { signal }).then(() => null),
    ]);
    if (answer === null) output.write('\n');
    return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
  } finally {
    answered.abort();
    lines.close();
  }
}
