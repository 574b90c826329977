/** A request that would like to be sent. */
export interface Wish {
  /** Requests that its target has now, those not counted that last for long. */
  readonly atTarget: number;
  /** True while this process has no time to spare. */
  readonly isBusy: () => boolean;
  /** Milliseconds. */
  readonly waitedMs: number;
}

/** So many requests are at a target at once without a second thought. */
const atOnce = 64;
/** Nobody waits longer for the answers of others, which may be endless. */
const mostWaitMs = 500;

/**
 * Whether a request is sent now, or rather when another one of its target has ended. While this process is what takes the time, more of them at once bring
 * no answer sooner; and where a thousand sockets always have something to read, libuv comes round to new ones only after many thousands of reads.
 */
export function maySend({ atTarget, isBusy, waitedMs }: Wish): boolean {
  return atTarget < atOnce || waitedMs >= mostWaitMs || !isBusy();
}
