import type { Closable } from '@kedge/shared/kernel';
import { type DestinationStream, pino } from 'pino';
import type { WriteAccess } from '../ports.ts';

interface AccessLinesOptions {
  readonly instance: string;
  /** Default: standard output, some lines at a time. */
  readonly to?: DestinationStream;
}

/** Lines of requests. */
export interface AccessLines extends Closable {
  readonly write: WriteAccess;
}

/** Lines wait for others until they are so many bytes, or so old. */
const together = { minLength: 8_192, periodicFlush: 500 };

/**
 * Lines in the form of the other ones of the log, and by the same writer. They are many, and hold nothing of ours: neither are secrets looked
 * for in each, nor is each put together key by key. What was not written yet when the process is killed is lost.
 */
export function createAccessLines({ instance, to }: AccessLinesOptions): AccessLines {
  const buffered = to ? null : pino.destination({ dest: 1, ...together });
  const destination = to ?? buffered ?? pino.destination(1);
  const begin = '{"level":"info","time":"';
  const middle = `","component":"proxy","instance":${JSON.stringify(instance)},`;
  let at = 0;
  let time = '';

  return {
    write(facts) {
      const now = Date.now();
      if (now !== at) time = new Date(now).toISOString();
      at = now;
      destination.write(`${begin}${time}${middle}${JSON.stringify(facts).slice(1, -1)},"msg":"request"}\n`);
    },
    async close() {
      buffered?.flushSync();
      await Promise.resolve();
    },
  };
}
