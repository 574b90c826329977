/** Who works on containers, and who on the networks below them. */
export interface NetworkTurns {
  /** Together with others of its kind. */
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  /** When nobody else works, in the order of asking; who asks later waits. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** A container is not attached to a network that is about to be made anew, nor is a network made anew below a container that is being attached. */
export function createNetworkTurns(): NetworkTurns {
  /** Ends when whoever asked to be alone last is done. */
  let lastAlone: Promise<unknown> = Promise.resolve();
  let working = new Set<Promise<unknown>>();

  return {
    async together(work) {
      const mine = lastAlone.then(work);
      const end = mine.catch(() => undefined);
      working.add(end);
      void end.then(() => working.delete(end));
      return await mine;
    },
    async alone(work) {
      const before = [lastAlone, ...working];
      working = new Set();
      const mine = Promise.all(before).then(work);
      lastAlone = mine.catch(() => undefined);
      return await mine;
    },
  };
}
