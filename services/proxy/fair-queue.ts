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
  /** Resolves to what the work does; null at once when there is too much of this client, or of all. */
  run<Result>(client: string, work: () => Promise<Result>): Promise<Result> | null;
}

/** Clients take turns: each waits for the work that runs already and for one piece of every other client's that waits, however many those asked for. */
export function createFairQueue({ running: mostRunning, perClient, all }: QueueBounds): FairQueue {
  /** In the order of their turns. */
  const waiting = new Map<string, (() => void)[]>();
  const counts = new Map<string, number>();
  let running = 0;
  let total = 0;

  function next(): void {
    const [first] = waiting;
    if (!first || running >= mostRunning) return;
    const [client, queue] = first;
    const start = queue.shift();
    waiting.delete(client);
    if (queue.length > 0) waiting.set(client, queue);
    running += 1;
    start?.();
  }

  function done(client: string): void {
    running -= 1;
    total -= 1;
    const left = (counts.get(client) ?? 1) - 1;
    if (left > 0) counts.set(client, left);
    else counts.delete(client);
    next();
  }

  return {
    run(client, work) {
      const count = counts.get(client) ?? 0;
      if (count >= perClient || total >= all) return null;
      counts.set(client, count + 1);
      total += 1;
      const turn = new Promise<void>((resolve) => waiting.set(client, [...(waiting.get(client) ?? []), resolve]));
      next();
      return turn.then(work).finally(() => done(client));
    },
  };
}
