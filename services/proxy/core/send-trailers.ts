import { groupHeaders } from './group-headers.ts';

interface WaitingStream {
  readonly sendTrailers: (fields: Record<string, string | string[]>) => void;
  readonly close: (code: number) => void;
}

/** RFC 9113 §7. */
const internalError = 0x2;

/** Ends a stream that waits for trailers (RFC 9113 §8.1). One whose trailers cannot be said in HTTP/2 is reset: whoever gets it must not take it for whole. */
export function sendTrailers(stream: WaitingStream, trailers: readonly string[]): void {
  try {
    stream.sendTrailers(groupHeaders(trailers));
  } catch {
    stream.close(internalError);
  }
}
