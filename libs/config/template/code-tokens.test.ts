import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCode } from './code-tokens.ts';

describe('readCode', () => {
  it('splits code into words, with their places and the brackets around them', () => {
    const code = readCode('${ a.b|f("}", x=[1]) -} rest', { start: 2, closing: '}' });
    assert.deepEqual(
      code?.tokens.map(({ kind, text, start, depth }) => [kind, text, start, depth]),
      [
        ['name', 'a', 3, 0],
        ['sign', '.', 4, 0],
        ['name', 'b', 5, 0],
        ['sign', '|', 6, 0],
        ['name', 'f', 7, 0],
        ['sign', '(', 8, 0],
        ['string', '"}"', 9, 1],
        ['sign', ',', 12, 1],
        ['name', 'x', 14, 1],
        ['sign', '=', 15, 1],
        ['sign', '[', 16, 1],
        ['number', '1', 17, 2],
        ['sign', ']', 18, 2],
        ['sign', ')', 19, 1],
      ],
    );
    assert.deepEqual([code?.end, code?.after, code?.trims], [21, 23, true]);
  });

  it('tells comparisons from assignments', () => {
    assert.deepEqual(
      readCode('a == b = c // d%}', { start: 0, closing: '%}' })?.tokens.map(({ text }) => text),
      ['a', '==', 'b', '=', 'c', '//', 'd'],
    );
  });

  for (const code of ['x', '"x}', "'\\'}", '(x}', '{ x }']) {
    it(`finds no end of ${JSON.stringify(code)}`, () => assert.equal(readCode(code, { start: 0, closing: '}' }), null));
  }
});
