import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inParts } from './renderer.ts';

describe('questions to the renderer', () => {
  it('are one for files that fit together', () => {
    assert.equal(
      inParts([
        { path: 'a', text: 'x'.repeat(90_000) },
        { path: 'b', text: 'x'.repeat(90_000) },
      ]).length,
      1,
    );
    assert.deepEqual(inParts([]), []);
  });

  it('hold every file once and in order, and are small or of a single file', () => {
    const file = fc.record({ path: fc.constantFrom('a', 'b'), text: fc.nat(300_000).map((length) => 'x'.repeat(length)) });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 6 }), (files) => {
        const parts = inParts(files);
        assert.deepEqual(parts.flat(), files);
        for (const part of parts) {
          assert.ok(part.length === 1 || part.reduce((sum, { path, text }) => sum + path.length + text.length, 0) <= 200_000);
        }
      }),
      { numRuns: 30 },
    );
  });
});
