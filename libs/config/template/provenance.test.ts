import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lexTemplate } from './lexer.ts';
import { hasMarks, marks, readMarks } from './provenance.ts';

const source = 'ab${x}cd${y}';
const lexed = lexTemplate(source);
assert.ok(lexed.ok);
const { template } = lexed;
const [ab, x, cd, y] = [0, 1, 2, 3];
const read = (...parts: readonly string[]) => readMarks({ marked: parts.join(''), template, printing: new Set() });

describe('readMarks', () => {
  it('tells which segment printed what, and where it stands in the source', () => {
    const found = read(marks.open(ab), 'ab', marks.open(x), 'XYZ', marks.close(x), marks.open(cd), 'cd', marks.open(y), marks.close(y));
    assert.deepEqual(found, {
      text: 'abXYZcd',
      spans: [
        { segment: ab, from: 0, to: 2 },
        { segment: x, from: 2, to: 5 },
        { segment: cd, from: 5, to: 7 },
        { segment: y, from: 7, to: 7 },
      ],
      map: [
        [0, 0],
        [2, 2],
        [5, 6],
        [5, 6],
        [7, 8],
        [7, 12],
      ],
    });
  });

  it('gives to both what one printed out of the other', () => {
    const found = read(marks.open(y), '<', marks.open(x), 'X', marks.close(x), '>', marks.close(y));
    assert.deepEqual(found?.spans, [
      { segment: x, from: 1, to: 2 },
      { segment: y, from: 0, to: 3 },
    ]);
  });

  for (const [what, parts] of [
    ['stand in another order', [marks.open(y), marks.close(x), 'X', marks.open(x), marks.close(y)]],
    ['are not closed', [marks.open(x), 'X']],
    ['leave something outside', [marks.open(x), 'X', marks.close(x), 'y']],
    ['are missing', ['x']],
    ['close twice', [marks.open(x), marks.close(x), 'X', marks.open(x), marks.close(x)]],
  ] as const) {
    it(`says nothing when marks ${what}`, () => assert.equal(read(...parts), null));
  }

  it('knows its marks', () => {
    assert.equal(hasMarks(`a${marks.open(0)}`), true);
    assert.equal(hasMarks('a\u{1f600}\ue000'), false);
  });
});
