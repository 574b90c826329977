import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dependencyWords } from '@kedge/shared/contracts';
import { waitedFor } from './waited-for.ts';

describe('waitedFor', () => {
  const awaited = { service: 'my.job', condition: 'completed' } as const;
  const words = dependencyWords(awaited);
  for (const [code, message, found] of [
    ['DEPENDENCY_PENDING', words, awaited],
    ['DEPENDENCY_FAILED', `${words}, which is barred in its newest release: exit code 1`, awaited],
    ['DEPENDENCY_TIMEOUT', `${words}, which is not declared; that for more than 5 min: mend it`, awaited],
    ['DEPENDENCY_PENDING', 'something else', null],
    ['HAND_OVER_PENDING', words, null],
  ] as const)
    it(`finds ${found ? 'it' : 'nobody'} in ${code}: ${message}`, () => assert.deepEqual(waitedFor({ code, message }), found));

  it('finds nobody where nothing stands in the way', () => assert.equal(waitedFor(undefined), null));
});
