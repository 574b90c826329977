import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from './nearest.ts';

const keys = ['image', 'restart', 'working_dir', 'watch', 'x'];

describe('the nearest known word', () => {
  for (const [word, expected] of [
    ['imgae', 'image'],
    ['Restart', 'restart'],
    ['workdir', null],
    ['workingdir', 'working_dir'],
    ['wach', 'watch'],
    ['entirely-else', null],
    ['z', null],
  ] as const) {
    it(`of ${word} is ${expected}`, () => assert.equal(nearest(word, keys), expected));
  }

  it('is nothing without candidates', () => assert.equal(nearest('x', []), null));
});
