import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasReached, ServiceName } from './names.ts';

describe('names', () => {
  for (const good of ['web', 'a1', 'my.app', 'A_b-c.d'])
    it(`accepts the service ${good}`, () => assert.ok(ServiceName.safeParse(good).success));
  for (const bad of ['', 'a', '-web', 'web.', 'a..b', 'a b', '_config', 'x'.repeat(64)]) {
    it(`refuses the service ${JSON.stringify(bad)}`, () => assert.ok(!ServiceName.safeParse(bad).success));
  }

  it('compares revisions within one epoch only', () => {
    assert.equal(hasReached('e1.7', 'e1.7'), true);
    assert.equal(hasReached('e1.10', 'e1.9'), true);
    assert.equal(hasReached('e1.6', 'e1.7'), false);
    assert.equal(hasReached('e2.99', 'e1.7'), false);
    assert.equal(hasReached(undefined, 'e1.7'), false);
  });
});
