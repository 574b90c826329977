import { whoGivesWay } from './core/who-gives-way.ts';

interface QueueBounds {
  /** At the same time. */
  readonly running: number;
  /** Of one client, running or not. */
  readonly perClient: number;
  /** Of all clients, running or not. */
  readonly all: number;
}

/** Work that clients ask for, and none of them more than the others. */
export interface FairQueue {
  /**
   * Resolves to what the work does, or to null when its place went to a client with less; null at once when there is too much of this client, or of
   * all and nobody has more than this client.
   */
  run<Result>(client: string, work: () => Promise<Result>): Promise<Result | null> | null;
}

/** True: its turn has come; false: somebody else has its place. */
type Waiter = (hasTurn: boolean) => void;

/**
 * Clients take turns: each waits for the work that runs already and for one piece of every other client's that waits, however many those asked for.
 * When it is full, the client with the most that waits gives a place, the last one, to one with less.
 */
export function createFairQueue({ running: mostRunning, perClient, all }: QueueBounds): FairQueue {
  /** In the order of their turns. */
  const waiting = new Map<string, Set<Waiter>>();
  const counts = new Map<string, number>();
  let running = 0;
  let total = 0;

  function next(): void {
    const [first] = waiting;
    if (!first || running >= mostRunning) return;
    const [client, waiters] = first;
    const [waiter] = waiters;
    waiting.delete(client);
    if (!waiter) return;
    waiters.delete(waiter);
    if (waiters.size > 0) waiting.set(client, waiters);
    running += 1;
    waiter(true);
  }

  function leave(client: string): void {
    total -= 1;
    const left = (counts.get(client) ?? 1) - 1;
    if (left > 0) counts.set(client, left);
    else counts.delete(client);
  }

  /** False: nobody has more than this client would have. */
  function makeRoom(client: string): boolean {
    const [giver, waiters] = whoGivesWay(waiting, waiting.get(client)?.size ?? 0) ?? [];
    const last = waiters && [...waiters].at(-1);
    if (giver === undefined || !last) return false;
    waiters.delete(last);
    leave(giver);
    last(false);
    return true;
  }

  async function perform<Result>(client: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      running -= 1;
      leave(client);
      next();
    }
  }

  return {
    run(client, work) {
      const count = counts.get(client) ?? 0;
      if (count >= perClient || (total >= all && !makeRoom(client))) return null;
      counts.set(client, count + 1);
      total += 1;
      const turn = new Promise<boolean>((resolve) => waiting.set(client, (waiting.get(client) ?? new Set()).add(resolve)));
      next();
      return turn.then(async (hasTurn) => (hasTurn ? await perform(client, work) : null));
    },
  };
}
