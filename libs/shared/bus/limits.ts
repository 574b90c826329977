import { TerminalError } from '../kernel/index.ts';

/** The server refuses larger values of a bucket, in bytes. */
export const largestValue = 512 * 1024;
/** The server refuses larger messages, in bytes of data and headers (`max_payload`). */
export const largestMessage = 1024 * 1024;

/** Room for the headers of a message. */
const headers = 4 * 1024;

interface Fit {
  /** Names the bytes in the error. */
  readonly what: string;
  /** In bytes. Default: what a message takes beside its headers. */
  readonly limit?: number;
}

/**
 * What is too large stays too large: nobody is to try it again.
 * @throws {TerminalError} TOO_LARGE
 */
export function assertFits(bytes: Uint8Array, { what, limit = largestMessage - headers }: Fit): void {
  if (bytes.length <= limit) return;
  const kilobytes = Math.ceil(bytes.length / 1024);
  throw new TerminalError('TOO_LARGE', `${what} has ${kilobytes} kB, and the bus takes ${Math.floor(limit / 1024)} kB at most`);
}
