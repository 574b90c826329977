import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { skipOrFail } from './skip-or-fail.ts';

describe('a story that cannot be told here', () => {
  const before = process.env.KEDGE_TEST_NO_SKIPS;
  afterEach(() => {
    if (before === undefined) delete process.env.KEDGE_TEST_NO_SKIPS;
    else process.env.KEDGE_TEST_NO_SKIPS = before;
  });

  it('is left out, and says why', () => {
    delete process.env.KEDGE_TEST_NO_SKIPS;
    const reasons: unknown[] = [];
    skipOrFail({ skip: (reason) => void reasons.push(reason) }, 'there is no engine');
    assert.deepEqual(reasons, ['there is no engine']);
  });

  it('counts as failed where nothing may be left out', () => {
    process.env.KEDGE_TEST_NO_SKIPS = '1';
    assert.throws(() => skipOrFail({ skip: () => assert.fail('it was left out') }, 'there is no engine'), /there is no engine/);
  });
});
