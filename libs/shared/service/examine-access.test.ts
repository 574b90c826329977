import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessProblem, BucketTrial } from '../bus/index.ts';
import { judgeAccess } from './examine-access.ts';

const works: readonly BucketTrial[] = [
  { bucket: 'services', use: 'read', problem: null },
  { bucket: 'images', use: 'read', problem: null },
  { bucket: 'images', use: 'write', problem: null },
];

describe('judgeAccess', () => {
  it('has one line when all may be used', () => {
    assert.deepEqual(judgeAccess(works), [{ what: 'buckets', state: 'fine', message: 'may read 2 and write 1, and all are there' }]);
  });

  const problems: readonly (readonly [AccessProblem['kind'], RegExp])[] = [
    ['missing', /which makes what is missing/],
    ['refused', /writes the permissions anew/],
    ['silent', /docker compose logs nats/],
  ];
  for (const [kind, advice] of problems) {
    it(`says what to do about a bucket that is ${kind}, once`, () => {
      const problem = { kind, message: 'a reason' };
      const trials = works.map((trial) => (trial.bucket === 'images' ? { ...trial, problem } : trial));
      const [found, ...others] = judgeAccess(trials);
      assert.equal(others.length, 0);
      assert.deepEqual([found?.what, found?.state], ['bucket images', 'failed']);
      assert.match(found?.message ?? '', /a reason$/);
      assert.match(found && 'advice' in found ? found.advice : '', advice);
    });
  }
});
