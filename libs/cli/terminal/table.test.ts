import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPaint } from './style.ts';
import { formatTable, oneLine } from './table.ts';

const plain = createPaint({ isTerminal: false, noColor: undefined });
const colourful = createPaint({ isTerminal: true, noColor: undefined });

describe('formatTable', () => {
  it('lines columns up and leaves no spaces at the end', () => {
    const rows = [
      ['web', 'serving', ''],
      ['a-long-name', 'failed', 'exit 1'],
    ];
    const lines = formatTable({ headings: ['SERVICE', 'PHASE', 'REASON'], rows, paint: plain });
    assert.deepEqual(lines, [
      'SERVICE      PHASE    REASON', //
      'web          serving',
      'a-long-name  failed   exit 1',
    ]);
  });

  it('leaves out a column in which nobody says anything', () => {
    const rows = [
      ['1', '', '3'],
      ['1', '', '3'],
    ];
    assert.equal(formatTable({ headings: ['A', 'B', 'C'], rows, paint: plain })[0], 'A  C');
  });

  describe('with a width', () => {
    const headings = ['SERVICE', 'PHASE', 'REASON'];
    const rows = [
      ['web', 'failed', `${'x'.repeat(18)} ${'y'.repeat(200)}`],
      ['api', 'serving', 'all is as declared'],
    ];
    const shape = (columns: number, last = rows) => formatTable({ headings, rows: last, paint: plain, columns }).map((line) => line.length);

    it('cuts the last column to it, and no other one', () => {
      assert.deepEqual(formatTable({ headings, rows, paint: plain, columns: 40 }), [
        'SERVICE  PHASE    REASON',
        `web      failed   ${'x'.repeat(18)} yy…`,
        'api      serving  all is as declared',
      ]);
      assert.deepEqual(shape(237), [24, 237, 36]);
      assert.deepEqual(shape(236), [24, 236, 36]);
    });

    it('leaves less of it where the others cannot give way, and none where that would tell nothing', () => {
      const row = (columns: number) => formatTable({ headings, rows, paint: plain, columns })[1];
      assert.deepEqual([row(24), row(23), row(10)], ['web      failed   xxxxx…', 'web      failed', 'web      failed']);
    });

    it('leaves out those that give way, in their order and no more of them than have to, before it leaves little of it', () => {
      const wide = ['SERVICE', 'IMAGE', 'SINCE', 'REASON'];
      const shown = (columns: number) =>
        formatTable({
          ...{ headings: wide, paint: plain, columns, gives: ['IMAGE', 'SINCE'] },
          rows: [['web', 'registry.example/web:1', '3 min ago', 'x'.repeat(40)]],
        });
      const cases = [
        [64, 'SERVICE  IMAGE                   SINCE      REASON'],
        [63, 'SERVICE  SINCE      REASON'],
        [40, 'SERVICE  SINCE      REASON'],
        [39, 'SERVICE  REASON'],
      ] as const;
      for (const [columns, heading] of cases) {
        const lines = shown(columns);
        assert.equal(lines[0], heading);
        assert.ok(
          lines.every((line) => line.length <= columns),
          lines.join('\n'),
        );
      }
    });

    it('cuts nothing else where the last column says nothing, and no character in two', () => {
      assert.deepEqual(shape(10, [['web', 'a longer phase', '']]), [14, 23]);
      const faces = formatTable({ headings, rows: [['web', 'failed', '😀'.repeat(30)]], paint: plain, columns: 40 })[1];
      assert.equal(faces, `web      failed  ${'😀'.repeat(11)}…`);
    });
  });

  it('pads before it paints, so colours do not move columns', () => {
    const rows = [
      [{ text: 'x', tone: 'good' as const }, 'y'],
      ['long', 'y'],
    ];
    const [, row] = formatTable({ headings: ['A', 'B'], rows, paint: colourful });
    assert.equal(row, '\u001b[32mx   \u001b[39m  y');
  });

  it('lets no control character through', () => {
    const [, row] = formatTable({ headings: ['A'], rows: [['a\u001b[2Jb\nc\td']], paint: plain });
    assert.equal(row, 'ab c d');
  });
});

describe('oneLine', () => {
  it('makes one line of many', () => {
    assert.equal(oneLine('first\r\nsecond\u0007'), 'first second ');
  });
});
