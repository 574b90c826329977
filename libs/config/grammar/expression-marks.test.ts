import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marksFor } from './expression-marks.ts';

describe('marks in the place of expressions', () => {
  for (const [source, marked] of [
    ['a = "${x}"', 'a = "7707"'],
    ['a = ${ name | upper }', `a = 7707${' '.repeat(13)}`],
    ['a = "${}"', 'a = "707"'],
    ['a = "${x"', 'a = "$\uE000x"'],
    ['a = ${name\n| upper}', `a = 7707  \n${' '.repeat(8)}`],
    ['a = "$x {y}"', 'a = "$x {y}"'],
  ] as const) {
    it(`are as long as those: ${JSON.stringify(source)}`, () => {
      const text = marksFor(source).marked(source);
      assert.equal(text, marked);
      assert.equal(text.length, source.length);
    });
  }

  it('know what an expression has a part in, or what is meant to be one', () => {
    const { marked, isMade } = marksFor('a = "x-${y}"\nb = "${}"\nc = "${z"');
    assert.deepEqual(
      ['x-${y}', '${}', '${z', 'x', '', '77'].map((text) => isMade(marked(text))),
      [true, true, true, false, false, false],
    );
  });

  it('are none that stand in the source', () => {
    const source = 'a = "7707"\nb = "${x}"\nc = "707"\nd = "${}"';
    const { marked, isMade } = marksFor(source);
    assert.deepEqual([isMade('7707'), isMade('707'), isMade(marked('${x}')), isMade(marked('${}'))], [false, false, true, true]);
  });

  it('of nothing count only where nothing stands between braces', () => assert.equal(marksFor('a = "${x}"').isMade('a-707'), false));
});
