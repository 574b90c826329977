import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findFaultyStatements } from './faulty-statements.ts';

describe('statements that are no TOML by themselves', () => {
  for (const [what, text, expected] of [
    ['none, where one is only written twice', 'a = 1\na = 2\n', []],
    ['each that is wrong alone', 'a = x\nb = 1\nc = y\n', ['a = x', 'c = y']],
    ['one for all that may be a part of it', '[a]\nb = { c = 1\nd = 2\n[e]\nf = x\n', ['b = { c = 1, and more', 'f = x']],
    ['none, where nobody knows where it ends', 'a = x\nb = """\n', ['a = x', 'and no end']],
  ] as const) {
    it(`are ${what}`, () => {
      const { faulty, isBottomless } = findFaultyStatements(text);
      const told = faulty.map(({ statement: { start, end }, fault }) => {
        const [first = ''] = text.slice(start, end).split('\n');
        return `${first}${fault.isContained ? '' : ', and more'}`;
      });
      assert.deepEqual([...told, ...(isBottomless ? ['and no end'] : [])], expected);
    });
  }
});
