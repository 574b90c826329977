import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';

/** A logger that prints nothing, or, with KEDGE_TEST_LOG=1, everything. */
export function silentLog(): Logger {
  return pino({ level: process.env.KEDGE_TEST_LOG === '1' ? 'debug' : 'silent' });
}

/** A logger whose lines can be searched. */
export function recordingLog(): { readonly log: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { log: pino({ level: 'trace' }, sink), lines };
}
