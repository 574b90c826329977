import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPaint } from './style.ts';
import { formatTable, oneLine } from './table.ts';

const plain = createPaint({ isTerminal: false, noColor: undefined });
const colourful = createPaint({ isTerminal: true, noColor: undefined });

describe('formatTable', () => {
  it('lines columns up and leaves no spaces at the end', () => {
    const lines = formatTable(
      ['SERVICE', 'PHASE', 'REASON'],
      [
        ['web', 'serving', ''],
        ['a-long-name', 'failed', 'exit 1'],
      ],
      plain,
    );
    assert.deepEqual(lines, [
      'SERVICE      PHASE    REASON', //
      'web          serving',
      'a-long-name  failed   exit 1',
    ]);
  });

  it('leaves out a column in which nobody says anything', () => {
    assert.deepEqual(
      formatTable(
        ['A', 'B', 'C'],
        [
          ['1', '', '3'],
          ['1', '', '3'],
        ],
        plain,
      )[0],
      'A  C',
    );
  });

  it('pads before it paints, so colours do not move columns', () => {
    const [, row] = formatTable(
      ['A', 'B'],
      [
        [{ text: 'x', tone: 'good' }, 'y'],
        ['long', 'y'],
      ],
      colourful,
    );
    assert.equal(row, '\u001b[32mx   \u001b[39m  y');
  });

  it('lets no control character through', () => {
    const [, row] = formatTable(['A'], [['a\u001b[2Jb\nc\td']], plain);
    assert.equal(row, 'ab c d');
  });
});

describe('oneLine', () => {
  it('makes one line of many', () => {
    assert.equal(oneLine('first\r\nsecond\u0007'), 'first second ');
  });
});
