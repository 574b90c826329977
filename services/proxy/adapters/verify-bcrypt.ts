import { Worker } from 'node:worker_threads';
import type { BcryptQuestion, BcryptReply } from './bcrypt-worker.ts';

interface Pending {
  readonly resolve: (isRight: boolean) => void;
  readonly reject: (reason: Error) => void;
}

/** The thread, and who waits for its answers. */
interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

/**
 * Makes what says whether a password is that of a hash of bcrypt. It does so in a thread of its own, which is there while somebody waits: each takes
 * a processor for a while.
 */
export function createVerifyBcrypt(): (password: string, hash: string) => Promise<boolean> {
  let thread: Thread | null = null;
  let last = 0;

  function start(): Thread {
    // In an image it stands beside the bundle as JavaScript.
    const file = `./bcrypt-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;
    const worker = new Worker(new URL(file, import.meta.url), { execArgv: [] });
    const pending = new Map<number, Pending>();
    const leave = () => {
      if (thread?.worker === worker) thread = null;
    };
    const fail = (error: Error) => {
      leave();
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    };
    worker.on('message', ({ id, isRight }: BcryptReply) => {
      pending.get(id)?.resolve(isRight);
      pending.delete(id);
      // What was right is remembered: the next question may be hours away.
      if (pending.size > 0) return;
      leave();
      void worker.terminate();
    });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread for bcrypt ended')));
    return { worker, pending };
  }

  return async (password, hash) => {
    thread ??= start();
    const { worker, pending } = thread;
    last += 1;
    const id = last;
    return await new Promise<boolean>((resolve, reject) => {
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, password, hash } satisfies BcryptQuestion);
    });
  };
}
