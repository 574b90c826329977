import type { Closable } from './closable.ts';
import { outsideLogContext } from './log-context.ts';
import { wait } from './wait.ts';

/** What a pass over one key ended with: done, or look again after a time. */
export interface PassResult {
  readonly requeueAfterMs?: number | undefined;
}

interface WorkQueueOptions<Key extends string> {
  /** How many keys are worked on at once; a single key is never worked on twice at the same time. Default 4. */
  readonly concurrency?: number;
  readonly work: (key: Key, signal: AbortSignal) => Promise<PassResult>;
  /** Decides what follows after `work` threw: how long until the key is looked at again. */
  readonly onError: (key: Key, thrown: unknown) => PassResult;
}

/** Keys to look at. Adding a key that waits is free; adding one that is worked on makes it run once more afterwards. */
export interface WorkQueue<Key extends string> extends Closable {
  add(key: Key): void;
  /** Drops a planned later look at the key; one that was added since still happens. */
  forget(key: Key): void;
}

/** A work queue in the manner of a Kubernetes controller: wakes collapse, passes of one key never overlap. */
export function createWorkQueue<Key extends string>({ concurrency = 4, work, onError }: WorkQueueOptions<Key>): WorkQueue<Key> {
  const closing = new AbortController();
  const waiting = new Set<Key>();
  const running = new Map<Key, Promise<void>>();
  const later = new Map<Key, AbortController>();

  function add(key: Key): void {
    if (closing.signal.aborted) return;
    forget(key);
    waiting.add(key);
    startNext();
  }

  function forget(key: Key): void {
    later.get(key)?.abort();
    later.delete(key);
  }

  function startNext(): void {
    for (const key of waiting) {
      if (running.size >= concurrency) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      // A key is looked at again and again: the event that woke the first look is not that of the later ones.
      running.set(
        key,
        outsideLogContext(() => pass(key)),
      );
    }
  }

  async function pass(key: Key): Promise<void> {
    await Promise.resolve(); // the map below must hold this pass before it can end
    let result: PassResult;
    try {
      result = await work(key, closing.signal);
    } catch (thrown) {
      result = onError(key, thrown);
    }
    running.delete(key);
    if (result.requeueAfterMs !== undefined && !waiting.has(key)) addLater(key, result.requeueAfterMs);
    startNext();
  }

  function addLater(key: Key, afterMs: number): void {
    forget(key);
    const cancelled = new AbortController();
    later.set(key, cancelled);
    void wait(afterMs, AbortSignal.any([cancelled.signal, closing.signal])).then((due) => {
      if (due) add(key);
    });
  }

  return {
    add,
    forget,
    async close() {
      closing.abort();
      waiting.clear();
      await Promise.all(running.values());
    },
  };
}
