import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitedFor } from './waited-for.ts';

describe('waitedFor', () => {
  for (const [code, message, name] of [
    ['DEPENDENCY_PENDING', 'it waits for db (healthy)', 'db'],
    ['DEPENDENCY_FAILED', 'it waits for my.job (completed), which is barred in its newest release: exit code 1', 'my.job'],
    ['DEPENDENCY_TIMEOUT', 'it waits for db (started), which is not declared; that for more than 5 min: mend it', 'db'],
    ['DEPENDENCY_PENDING', 'something else', null],
    ['HAND_OVER_PENDING', 'it waits for db (healthy)', null],
  ] as const)
    it(`finds ${name ?? 'nobody'} in ${code}: ${message}`, () => assert.equal(waitedFor({ code, message }), name));

  it('finds nobody where nothing stands in the way', () => assert.equal(waitedFor(undefined), null));
});
