import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasDotSegment } from './dot-segments.ts';

describe('dot segments', () => {
  for (const target of [
    '/api/../../secret',
    '/..',
    '/.',
    '/./x',
    '/a/..?b',
    '/a/..#b',
    '/api/%2e%2e/x',
    '/api/%2E./x',
    '/api/.%2e',
    '/api/..%2fsecret',
    '/api%2F..%2fsecret',
    '/api/..%5Csecret',
    '/api\\..\\secret',
    '/api/..;/secret',
    '/api/..;a=b/secret',
    '/api/..%3b/secret',
  ]) {
    it(`are in ${target}`, () => assert.equal(hasDotSegment(target), true));
  }

  for (const target of ['/', '/a.b', '/...', '/.well-known/x', '/a..', '/..a/b', '/a?b=/../c', '/a#/../', '*', '/%252e%252e/', '//']) {
    it(`are not in ${target}`, () => assert.equal(hasDotSegment(target), false));
  }

  it('are looked for in linear time', { timeout: 10_000 }, () => {
    assert.equal(hasDotSegment('/...'.repeat(200_000)), false);
    assert.equal(hasDotSegment('/%2e%2e%2'.repeat(100_000)), false);
  });
});
