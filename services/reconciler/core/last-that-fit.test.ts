import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { anyCharacter } from '@kedge/shared/testing';
import fc from 'fast-check';
import { lastThatFit } from './last-that-fit.ts';

describe('the last lines that fit', () => {
  it('are all of them when there is room, and else the newest', () => {
    assert.deepEqual(lastThatFit(['one', 'two', 'three'], 100), ['one', 'two', 'three']);
    assert.deepEqual(lastThatFit(['one', 'two', 'three'], 14), ['two', 'three']);
    assert.deepEqual(lastThatFit([], 0), []);
  });

  it('are the end of the last one when that alone is too long', () => {
    const [line = ''] = lastThatFit(['before', `${'x'.repeat(5_000)}the end`], 100);
    assert.ok(line.endsWith('xthe end') && line.length > 50, line);
  });

  it('fit, whatever is in them, and are the newest without a gap', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: anyCharacter })), fc.integer({ min: 20, max: 500 }), (lines, maxBytes) => {
        const kept = lastThatFit(lines, maxBytes);
        assert.ok(Buffer.byteLength(JSON.stringify(kept)) <= maxBytes + 2);
        assert.ok(Buffer.byteLength(JSON.stringify(kept.join('\n'))) <= maxBytes + 2);
        if (kept.length !== 1) assert.deepEqual(kept, lines.slice(lines.length - kept.length));
        assert.equal(kept.length === 0, lines.length === 0);
      }),
    );
  });
});
