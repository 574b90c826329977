/** Does one piece of work after the other, in the order of asking. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Whoever asked is told that its work failed; the next turn comes all the same. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();

  return async function inTurn(work) {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return await mine;
  };
}
