/** Why the store takes no writes, in a sentence for people, and since when. */
export interface WriteTrouble {
  readonly message: string;
  readonly since: Date;
}

/** Whether the store takes what is written. A server whose disk is full goes on answering questions, and only writes are never acknowledged. */
export interface WriteWatch {
  worked(): void;
  failed(reason: string): void;
  /** Null while writes work. */
  trouble(): WriteTrouble | null;
}

/** A single write may fail because the server was busy. */
const failuresThatTell = 2;

/** Knows of no trouble before two writes in a row failed. */
export function createWriteWatch(now: () => Date = () => new Date()): WriteWatch {
  let failures = 0;
  let since: Date | null = null;
  let reason = '';
  return {
    worked() {
      failures = 0;
      since = null;
    },
    failed(why) {
      failures += 1;
      since ??= now();
      reason = why;
    },
    trouble() {
      if (since === null || failures < failuresThatTell) return null;
      const message = `the bus answers, but takes no writes (${reason}): its disk may be full; "docker compose logs nats" says more`;
      return { message, since };
    },
  };
}
