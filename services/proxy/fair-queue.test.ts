import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFairQueue } from './fair-queue.ts';

describe('a fair queue', () => {
  interface Case {
    readonly asks: string;
    /** Whose work is done, in the order of its beginning. */
    readonly done: string;
    /** Those told at once that there is no place, by their order of asking; and those whose place went to others. */
    readonly refused?: readonly number[];
    readonly pushedOut?: readonly number[];
  }
  const cases: Readonly<Record<string, Case>> = {
    'lets clients take turns': { asks: 'aaabc', done: 'aabca' },
    'takes so much of each client': { asks: 'aaaaab', done: 'aaba', refused: [3, 4], pushedOut: [] },
    'takes who has nothing for the last of who has most': { asks: 'aaabcd', done: 'aabcd', pushedOut: [2] },
    'takes who has less than another one': { asks: 'abbbcc', done: 'abcbc', pushedOut: [3] },
    'takes nobody for who would have more than they': { asks: 'abbccdd', done: 'abcdc', refused: [6], pushedOut: [2] },
    'takes nobody more where each has one': { asks: 'abcdefg', done: 'abcde', refused: [5, 6] },
    'never takes away what runs': { asks: 'aabcde', done: 'aabcd', refused: [5] },
  };
  for (const [what, { asks, done, refused = [], pushedOut = [] }] of Object.entries(cases)) {
    it(what, async () => {
      const queue = createFairQueue({ running: 1, perClient: 3, all: 5 });
      const begun: string[] = [];
      const ask = (client: string) => queue.run(client, async () => await Promise.resolve(begun.push(client)));
      const asked = [...asks].map(ask);
      const answers = await Promise.all(asked.map(async (each) => await each));
      const where = (is: (index: number) => boolean) => [...asked.keys()].filter(is);
      assert.deepEqual(
        [begun.join(''), where((index) => asked[index] === null), where((index) => asked[index] !== null && answers[index] === null)],
        [done, refused, pushedOut],
      );
      begun.length = 0;
      await Promise.all([...'aaabb'].map(async (client) => await ask(client)));
      assert.equal(begun.join(''), 'aabab', 'all places are there again');
    });
  }

  it('goes on after work that failed', async () => {
    const queue = createFairQueue({ running: 1, perClient: 1, all: 5 });
    await assert.rejects(queue.run('a', async () => await Promise.reject(new Error('failed'))) ?? Promise.resolve());
    assert.equal(await queue.run('a', async () => await Promise.resolve('done')), 'done');
  });
});
