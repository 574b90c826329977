import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutLastSlashes } from './last-slashes.ts';

describe('slashes at the end', () => {
  for (const [text, expected] of [
    ['', ''],
    ['/', ''],
    ['///', ''],
    ['/a/', '/a'],
    ['/a//b//', '/a//b'],
    ['a', 'a'],
  ] as const) {
    it(`go from "${text}"`, () => assert.equal(withoutLastSlashes(text), expected));
  }
});
