import type { Closable } from './closable.ts';
import { wait } from './wait.ts';

interface PeriodicOptions {
  readonly everyMs: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  /** Told about whatever `work` threw; the next round happens all the same. */
  readonly onError: (thrown: unknown) => void;
}

/** A loop that can be woken early; rounds never overlap, and wakes during a round cause exactly one more. */
export interface Periodic extends Closable {
  wake(): void;
}

/** Runs `work` at once, then every `everyMs` after the previous round ended, and whenever it is woken. */
export function startPeriodic({ everyMs, work, onError }: PeriodicOptions): Periodic {
  const closing = new AbortController();
  let pause = new AbortController();

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      // Woken from here on, the pause is over before it begins.
      pause = new AbortController();
      await work(closing.signal).catch(onError);
      await wait(everyMs, AbortSignal.any([pause.signal, closing.signal]));
    }
  }

  const ended = loop();
  return {
    wake: () => pause.abort(),
    async close() {
      closing.abort();
      await ended;
    },
  };
}
