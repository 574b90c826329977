import { setImmediate as turn } from 'node:timers/promises';

/** Time that passes when a test says so. */
export interface PaperClock {
  /** As `wait` of the kernel. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
  /** Ends every pause that is due within `ms`, each in its turn, and lets whoever waited for it do what it does without waiting for anything else. */
  advance(ms: number): Promise<void>;
}

interface Pause {
  readonly endsAt: number;
  readonly end: () => void;
}

export function createPaperClock(): PaperClock {
  const pauses = new Set<Pause>();
  let now = 0;

  function nextWithin(until: number): Pause | undefined {
    return [...pauses].filter(({ endsAt }) => endsAt <= until).toSorted((left, right) => left.endsAt - right.endsAt)[0];
  }

  return {
    async pause(ms, signal) {
      if (signal.aborted) return false;
      return await new Promise((resolve) => {
        const settle = (due: boolean) => {
          pauses.delete(pause);
          signal.removeEventListener('abort', onAbort);
          resolve(due);
        };
        const onAbort = () => settle(false);
        const pause: Pause = { endsAt: now + ms, end: () => settle(true) };
        pauses.add(pause);
        signal.addEventListener('abort', onAbort);
      });
    },
    async advance(ms) {
      const until = now + ms;
      await turn();
      for (let next = nextWithin(until); next; next = nextWithin(until)) {
        now = next.endsAt;
        next.end();
        await turn();
      }
      now = until;
    },
  };
}
