import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { splitCommandLine } from './command-line.ts';

describe('a command on one line', () => {
  const table: readonly [string, readonly string[]][] = [
    ['', []],
    ['  ', []],
    ['npm start', ['npm', 'start']],
    ['  npm\t start ', ['npm', 'start']],
    [`sh -c 'echo "hi" && exit'`, ['sh', '-c', 'echo "hi" && exit']],
    [`a"b c"d`, ['ab cd']],
    [`a ''`, ['a', '']],
    ['a\\ b', ['a b']],
    ['"\\"x\\" \\n"', ['"x" \\n']],
    [`'\\'`, ['\\']],
    ['a | b > $c *', ['a', '|', 'b', '>', '$c', '*']],
  ];
  for (const [line, words] of table) {
    it(`splits ${JSON.stringify(line)}`, () => assert.deepEqual(splitCommandLine(line), { ok: true, words }));
  }

  for (const [line, said] of [
    [`a 'b`, /opening '/],
    ['a "b', /opening "/],
    ['a \\', /backslash/],
  ] as const) {
    it(`refuses ${JSON.stringify(line)}`, () => {
      const split = splitCommandLine(line);
      assert.match(split.ok ? '' : split.message, said);
    });
  }

  it('gives back words that were quoted for a shell', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
        assert.deepEqual(splitCommandLine(line), { ok: true, words });
      }),
    );
  });
});
