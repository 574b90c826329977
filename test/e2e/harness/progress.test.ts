import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shortOf } from './progress.ts';

describe('the progress of a load', () => {
  const table: readonly (readonly [string, Parameters<typeof shortOf>, readonly string[]])[] = [
    ['is as wanted when as much came', [{ post: 2 }, { post: 5 }, { post: 7 }], []],
    ['counts from zero what never came before', [{ post: 2 }, {}, { post: 2 }], []],
    [
      'names what is missing',
      [
        { post: 2, slow: 1 },
        { post: 5, slow: 3 },
        { post: 6, slow: 3 },
      ],
      ['post: 1 of 2', 'slow: 0 of 1'],
    ],
    ['misses what never came', [{ slow: 1 }, {}, {}], ['slow: 0 of 1']],
  ];
  for (const [what, question, answer] of table) it(what, () => assert.deepEqual(shortOf(...question), answer));
});
