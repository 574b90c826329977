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
 * Lines as the other ones of the log, by a logger of their own: they are many, and hold nothing that would have to be looked for secrets in
 * each. What was not written yet when the process is killed is lost.
 */
export function createAccessLines({ instance, to }: AccessLinesOptions): AccessLines {
  const destination = to ?? pino.destination({ dest: 1, ...together });
  const log = pino(
    {
      base: { component: 'proxy', instance },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    write: (facts) => log.info(facts, 'request'),
    async close() {
      await new Promise<void>((resolve) => log.flush(() => resolve()));
    },
  };
}
