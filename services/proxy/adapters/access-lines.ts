import type { Closable } from '@kedge/shared/kernel';
import { type DestinationStream, pino } from 'pino';
import type { WriteAccess } from '../ports.ts';

interface AccessLinesOptions {
  readonly instance: string;
  /** Default: standard output. */
  readonly to?: DestinationStream;
}

/** Lines of requests. */
export interface AccessLines extends Closable {
  readonly write: WriteAccess;
}

/** Lines wait for others until there are so many, or the first is so old. */
const together = { lines: 64, ms: 500 };

interface Waiting {
  readonly atMs: number;
  readonly facts: Parameters<WriteAccess>[0];
}

/**
 * Lines in the form of the other ones of the log, and by the same writer. They are many, and hold nothing of ours: neither are secrets looked
 * for in each, nor is each put together key by key; several are made at once, because one at a time costs three times as much between two
 * requests. What was not written yet when the process is killed is lost.
 */
export function createAccessLines({ instance, to = pino.destination(1) }: AccessLinesOptions): AccessLines {
  const begin = '{"level":"info","time":"';
  const middle = `","component":"proxy","instance":${JSON.stringify(instance)},`;
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const lines = waiting;
    waiting = [];
    let [text, at, time] = ['', 0, ''];
    for (const { atMs, facts } of lines) {
      if (atMs !== at) time = new Date(atMs).toISOString();
      at = atMs;
      text += `${begin}${time}${middle}${JSON.stringify(facts).slice(1, -1)},"msg":"request"}\n`;
    }
    if (text !== '') to.write(text);
  }

  return {
    write(facts) {
      waiting.push({ atMs: Date.now(), facts });
      if (waiting.length >= together.lines) flush();
      else timer ??= setTimeout(flush, together.ms).unref();
    },
    async close() {
      flush();
      await Promise.resolve();
    },
  };
}
