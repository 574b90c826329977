import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lastWords } from './last-words.ts';

describe('the last words of a container', () => {
  it('are what it said last', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    assert.deepEqual(lastWords(lines), lines.slice(10));
  });

  it('have the end of a line that is too long', () => {
    const [line = ''] = lastWords([`${'x'.repeat(5_000)} the reason`]);
    assert.equal(line.length, 2_000);
    assert.match(line, /^…x+ the reason$/);
  });

  it('fit a value of the bus twice, whatever they are', () => {
    const character = fc.constantFrom('x', '\u0000', '\n', 'é', '\u{1f600}');
    fc.assert(
      fc.property(fc.array(fc.tuple(character, fc.integer({ min: 1, max: 4_000 })), { maxLength: 25 }), (lines) => {
        const bytes = new TextEncoder().encode(JSON.stringify(lastWords(lines.map(([text, times]) => text.repeat(times)))));
        assert.ok(bytes.length <= 256 * 1024, `${bytes.length} bytes`);
      }),
    );
  });
});
