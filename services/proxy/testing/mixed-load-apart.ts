import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { MixedLoad } from './mixed-load.ts';

/** What is counted of the load, in the order of the counters. */
export const kinds = ['answered', 'echoed', 'closed'] as const;

/** What the thread gets. */
export interface ApartData {
  readonly port: number;
  readonly each: number;
  /** Shared with it. */
  readonly counters: Int32Array;
}

/** The mixed load in a thread of its own, so that it does not take the time of the proxy in this one. */
export function startMixedLoadApart({ port, each }: Omit<ApartData, 'counters'>): MixedLoad {
  const counters = new Int32Array(new SharedArrayBuffer(kinds.length * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL('./mixed-load-worker.ts', import.meta.url), { workerData: { port, each, counters } });
  const counted = (kind: (typeof kinds)[number]) => () => Atomics.load(counters, kinds.indexOf(kind));
  return {
    answered: counted('answered'),
    echoed: counted('echoed'),
    closed: counted('closed'),
    async stop() {
      worker.postMessage('stop');
      const [failures] = (await once(worker, 'message')) as [readonly string[]];
      await worker.terminate();
      return failures;
    },
  };
}
