import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

/** A story that needs what this machine lacks is left out, and counts as failed where KEDGE_TEST_NO_SKIPS=1 says that all is there. */
export function skipOrFail(test: Pick<TestContext, 'skip'>, reason: string): void {
  if (process.env.KEDGE_TEST_NO_SKIPS === '1') assert.fail(`${reason}; KEDGE_TEST_NO_SKIPS=1 says that it has to be told here`);
  test.skip(reason);
}
