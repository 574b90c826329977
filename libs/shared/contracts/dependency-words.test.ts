import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dependencyWords, readDependencyWords } from './dependency-words.ts';
import { DependencyCondition } from './service-spec.ts';

describe('the words for what a service waits for', () => {
  for (const condition of DependencyCondition.options)
    it(`are read again as they were said, whatever follows (${condition})`, () => {
      const awaited = { service: 'my.job', condition };
      for (const more of ['', ', which is barred in its newest release: exit code 1', '; that for more than 5 min: mend it'])
        assert.deepEqual(readDependencyWords(dependencyWords(awaited) + more), awaited);
    });

  it('are not found in another sentence', () => {
    for (const other of ['something else', 'web: it waits for db (healthy)', 'it waits for db', 'it waits for db (blue)'])
      assert.equal(readDependencyWords(other), null);
  });
});
