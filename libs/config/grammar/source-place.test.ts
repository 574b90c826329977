import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renderPlain } from '../testing/plain-secrets.ts';
import { lastUpTo, offsetAt, placeAt, placesIn, toSourceOffset } from './source-place.ts';

describe('places in the source of a template', () => {
  it('counts lines and columns from 1 and shows the line', () => {
    assert.deepEqual(placeAt('a\nbcd\ne', 4), { line: 2, column: 3, excerpt: 'bcd' });
    assert.deepEqual(placeAt('a\r\nbcd\r\ne', 4), { line: 2, column: 2, excerpt: 'bcd' });
    assert.deepEqual(placeAt('', 0), { line: 1, column: 1, excerpt: '' });
    assert.deepEqual(placeAt('a\n', 2), { line: 2, column: 1, excerpt: '' });
  });

  it('cuts long lines', () => {
    assert.equal(placeAt('x'.repeat(1_000), 5).excerpt.length, 240);
    const { column, excerpt } = placeAt(`${'x'.repeat(500)}here${'y'.repeat(500)}`, 500);
    assert.deepEqual([column, excerpt.length, excerpt.indexOf('here')], [501, 240, 181]);
    assert.match(excerpt, /^…x+herey+$/);
  });

  it('cuts no character in two', () => {
    const excerpts = [100, 500, 501].map((at) => placeAt(`a${'🚢'.repeat(500)}`, at));
    assert.ok(excerpts.every(({ excerpt }) => excerpt.isWellFormed() && excerpt.length === 240));
    assert.deepEqual(
      excerpts.map(({ excerpt }) => excerpt.replaceAll(/🚢+/gu, '-')),
      ['a-…', '……-', '…-…'],
    );
  });

  it('finds the offset of a line and column back', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '\n') }), fc.nat(), (text, at) => {
        const offset = Math.min(at, text.length);
        const { line, column } = placeAt(text, offset);
        assert.equal(offsetAt(text, { line, column }), offset);
      }),
    );
  });

  it('finds many places of one text as if each was the only one', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r\n', '\uFEFF') });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(20)), (text, offsets) => {
        const places = offsets.map(placesIn(text));
        for (const [index, offset] of offsets.entries()) {
          const before = text.slice(0, offset);
          const hidden = !before.includes('\n') && text.startsWith('\uFEFF') ? 1 : 0;
          const line = before.split('\n').length;
          const column = Math.max((before.split('\n').at(-1) ?? '').length - hidden, 0) + 1;
          const excerpt = (text.split('\n')[line - 1] ?? '').slice(hidden).replace(/\r$/, '');
          assert.deepEqual(places[index], { line, column, excerpt });
        }
      }),
    );
  });

  it('looks at few of very many parts to find one', () => {
    const looked: number[] = [];
    const startOf = (index: number) => {
      looked.push(index);
      return index * 10;
    };
    assert.equal(lastUpTo(123_456, { length: 1_000_000, startOf }), 12_345);
    assert.ok(looked.length <= 20, `${looked.length}`);
  });

  it('leads every character that no variable made back to itself, and every other to its placeholder', () => {
    const piece = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' ') }), fc.constantFrom('${one}', '${two}', '${none}'));
    fc.assert(
      fc.property(fc.array(piece), fc.string({ unit: fc.constantFrom('x', 'y') }), (pieces, value) => {
        const source = pieces.join('');
        const { text, map } = renderPlain(source, { one: value, two: `${value}${value}x`, none: '' });
        for (let offset = 0; offset < text.length; offset += 1) {
          const original = toSourceOffset({ map, source }, offset);
          if (text[offset] === 'x' || text[offset] === 'y') assert.ok(source.startsWith('${', original));
          else assert.equal(source[original], text[offset]);
        }
      }),
    );
  });

  it('counts no byte order mark, and does not show it', () => {
    assert.deepEqual(placeAt('\uFEFFab = 1\ncd = 2', 1), { line: 1, column: 1, excerpt: 'ab = 1' });
    assert.deepEqual(placeAt('\uFEFFab = 1', 4), { line: 1, column: 4, excerpt: 'ab = 1' });
    assert.deepEqual(placeAt('\uFEFFab = 1\ncd = 2', 13), { line: 2, column: 6, excerpt: 'cd = 2' });
    assert.equal(placeAt('\uFEFFab', 0).column, 1);
  });

  it('leads what a statement printed to where it begins', () => {
    assert.equal(
      toSourceOffset(
        {
          map: [
            [0, 0],
            [1, 1],
          ],
          source: 'a{% filter upper %}b{% endfilter %}',
        },
        2,
      ),
      1,
    );
  });
});
