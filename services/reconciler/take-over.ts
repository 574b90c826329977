import { errorMessage, wait } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';

interface TakeoverPorts {
  /** True while the lease is ours, by our own clock. */
  readonly isHeld: () => boolean;
  /** Reads what has to be known before anything is done. */
  readonly prepare: () => Promise<void>;
  /** Lets the work in. */
  readonly open: () => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly retryAfterMs?: number;
}

/** Becoming the active instance: it may fail and be tried again, and the lease may go and come back meanwhile. */
export interface Takeover {
  /** True from a finished take-over until the lease is lost. */
  isDone(): boolean;
  /** Why it did not work when it was tried last; null when it was not tried, or worked. */
  trouble(): string | null;
  /** The lease was taken. Resolves when this instance acts, or when it shall not any more. */
  begin(): Promise<void>;
  /** The lease was lost: whatever `begin` is doing comes to nothing. */
  end(): void;
}

/** One take-over at a time: one that was overtaken by a loss of the lease gives way before the next one starts. */
export function createTakeover({ isHeld, prepare, open, log, signal, retryAfterMs = 1_000 }: TakeoverPorts): Takeover {
  let generation = 0;
  let isDone = false;
  let trouble: string | null = null;
  let running: Promise<void> = Promise.resolve();

  async function attempt(isCurrent: () => boolean): Promise<boolean> {
    if (!isHeld()) return false;
    try {
      await prepare();
      if (!isCurrent() || !isHeld()) return false;
      isDone = true;
      await open();
      trouble = null;
      return true;
    } catch (thrown) {
      trouble = errorMessage(thrown);
      log.warn({ reason: errorMessage(thrown) }, 'taking over failed, trying again');
      return false;
    }
  }

  /** A lease that lapsed for a moment is renewed without a word, so only a loss or the end of the process ends this. */
  async function run(isCurrent: () => boolean): Promise<void> {
    while (isCurrent() && !(await attempt(isCurrent))) {
      if (!isCurrent() || !(await wait(retryAfterMs, signal))) return;
    }
  }

  return {
    isDone: () => isDone,
    trouble: () => trouble,
    async begin() {
      generation += 1;
      const mine = generation;
      const before = running;
      running = before.then(() => run(() => mine === generation && !signal.aborted));
      await running;
    },
    end() {
      generation += 1;
      isDone = false;
      trouble = null;
    },
  };
}
