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

let thread: Thread | null = null;
let last = 0;

/** Whether this is the password of a hash of bcrypt. In a thread of its own, which is there while somebody waits: each takes a processor for a while. */
export async function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  thread ??= startThread();
  const { worker, pending } = thread;
  last += 1;
  const id = last;
  return await new Promise<boolean>((resolve, reject) => {
    pending.set(id, { resolve, reject });
    worker.postMessage({ id, password, hash } satisfies BcryptQuestion);
  });
}

function startThread(): Thread {
  // In an image it stands beside the bundle as JavaScript.
  const file = `./bcrypt-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;
  const worker = new Worker(new URL(file, import.meta.url), { execArgv: [] });
  const pending = new Map<number, Pending>();
  worker.on('message', ({ id, isRight }: BcryptReply) => {
    pending.get(id)?.resolve(isRight);
    pending.delete(id);
    // What was right is remembered: the next question may be hours away.
    if (pending.size === 0) close();
  });
  const close = () => {
    if (thread?.worker === worker) thread = null;
    void worker.terminate();
  };
  const end = (error: Error) => {
    if (thread?.worker === worker) thread = null;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the thread for bcrypt ended')));
  return { worker, pending };
}
