import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameFollower, goingAway } from './websocket-frames.ts';

/** A frame as RFC 6455 §5.2 writes it. */
function frameOf({ opcode, length, masked }: { readonly opcode: number; readonly length: number; readonly masked: boolean }): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, mask | length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0x80 | opcode, mask | 127, 0, 0, 0, 0]), uint32(length)]);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 0x81), Buffer.alloc(length, 0x88)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const anyFrame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000)),
  masked: fc.boolean(),
});

/** All places where a frame ends, as the follower sees them in these pieces. */
function endsSeen(bytes: Buffer, pieces: readonly number[]): readonly number[] {
  const follower = new FrameFollower();
  const ends: number[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const piece = bytes.subarray(at, at + (pieces[turn % pieces.length] ?? 1));
    for (let taken = 0; taken < piece.length; ) {
      taken += follower.take(piece.subarray(taken));
      if (follower.isBetween) ends.push(at + taken);
    }
    at += piece.length;
  }
  return ends;
}

describe('the frames of a WebSocket', () => {
  it('end where they end, however their bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 }),
        (kinds, pieces) => {
          const frames = kinds.map(frameOf);
          let sum = 0;
          const expected = frames.map((frame) => (sum += frame.length));
          assert.deepEqual(endsSeen(Buffer.concat(frames), pieces), expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('say when they are the last one', () => {
    const follower = new FrameFollower();
    follower.take(frameOf({ opcode: 1, length: 5, masked: false }));
    assert.equal(follower.closes, false);
    follower.take(goingAway);
    assert.deepEqual([follower.closes, follower.isBetween], [true, true]);
  });
});
