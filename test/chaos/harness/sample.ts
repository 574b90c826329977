import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/** `npm run test:long` does everything; `npm test` a sample that KEDGE_TEST_SEED chooses. */
export const isLong = process.env.KEDGE_TEST_LONG === '1';

export const seed = Number(process.env.KEDGE_TEST_SEED ?? randomInt(2 ** 31));

/**
 * Which stories of a file are told: all, or so many that the seed chooses. Made once per file, it gives the options of each of its stories.
 */
export function someOf(titles: readonly string[], count: number): (title: string) => { readonly skip: string | false } {
  const told = new Set(sample(titles, count));
  return (title) => {
    if (!titles.includes(title)) throw new Error(`no such story: ${title}`);
    return { skip: told.has(title) ? false : 'another seed tells it, and npm run test:long' };
  };
}

/** All of them, or so many that the seed chooses, in an order that it chooses. */
export function sample<Value>(all: readonly Value[], count: number): readonly Value[] {
  if (isLong) return all;
  const size = Math.min(count, all.length);
  const chosen = fc.sample(fc.shuffledSubarray([...all], { minLength: size, maxLength: size }), { seed, numRuns: 1 });
  return chosen[0] ?? [];
}

/** Whole groups of stories take turns: a short run tells two of them, and always those that are not named here. */
const turns = [
  'the engine goes away',
  'a disk is full',
  'the registry falls ill',
  'two watchers, two schedulers, two secrets',
  'two reconcilers on one engine',
  "components of the commit before beside today's",
  'whatever is said on the bus',
];

export const turnOf = someOf(turns, 2);
