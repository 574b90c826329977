import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accessPlanOf, loggedPath } from './access-line.ts';

describe('what is written of a path', () => {
  const masked = new Set(['card']);
  for (const [path, query, written] of [
    ['/a', 'mask', '/a'],
    ['/a?b=c', 'keep', '/a?b=c'],
    ['/a?b=c', 'omit', '/a'],
    ['/a?', 'omit', '/a'],
    ['/a?b=c', 'mask', '/a?b=c'],
    ['/a?b=c&token=x&d', 'mask', '/a?b=c&token=***&***'],
    ['/a?Card=4711', 'mask', '/a?Card=***'],
    ['/a?access_token=x=y&key=&monkey=1', 'mask', '/a?access_token=***&key=***&monkey=1'],
    ['/a?to%6ben=x&%E0%A4%A=1', 'mask', '/a?to%6ben=***&%E0%A4%A=1'],
    ['/a?&&', 'mask', '/a?&&'],
    ['/a?q=b?token=1', 'mask', '/a?q=b?token=1'],
  ] as const) {
    it(`${path}, ${query}: ${written}`, () => assert.equal(loggedPath(path, { query, masked }), written));
  }
});

describe('what is written of requests', () => {
  it('is nothing, a share or everything', () => {
    assert.equal(accessPlanOf({}), null);
    assert.equal(accessPlanOf({ log: { requests: 'off' } }), null);
    assert.equal(accessPlanOf({ log: { requests: 'sample' } })?.share, 0.01);
    assert.equal(accessPlanOf({ log: { requests: 'sample', sample: 0.5 } })?.share, 0.5);
    assert.equal(accessPlanOf({ log: { requests: 'all', sample: 0.5 } })?.share, 1);
  });

  it('has no query by itself, and neither in a form that is not known', () => {
    assert.equal(accessPlanOf({ log: { requests: 'all' } })?.query, 'omit');
    assert.equal(accessPlanOf({ log: { requests: 'all', query: 'hash' } })?.query, 'omit');
    assert.equal(accessPlanOf({ log: { requests: 'later' } }), null);
  });
});
