import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ChunkedProgress, createChunkedReader } from './chunked-body.ts';

/** Reads `text` in pieces of the given sizes. */
function readInPieces(
  text: string,
  sizes: readonly number[],
): { readonly body: string; readonly last: ChunkedProgress; readonly used: number } {
  const reader = createChunkedReader();
  const bytes = Buffer.from(text, 'latin1');
  let body = '';
  let last: ChunkedProgress = { kind: 'more' };
  let at = 0;
  for (let index = 0; at < bytes.length && last.kind === 'more'; index += 1) {
    const piece = bytes.subarray(at, at + Math.max(1, sizes[index % sizes.length] ?? 1));
    last = reader.read(piece, (data) => {
      body += data.toString('latin1');
    });
    at += last.kind === 'done' ? last.rest : piece.length;
  }
  return { body, last, used: at };
}

const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 });

describe('reading a chunked body', () => {
  it('gives back what was framed, however the bytes arrive, and stops exactly at the end', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), sizes, fc.constantFrom('', 'HTTP/1.1 200 OK\r\n'), (chunks, pieces, after) => {
        const framed = `${chunks.map((each) => `${each.length.toString(16)};ext=1\r\n${each}\r\n`).join('')}0\r\nX-Sum: 1\r\n\r\n`;
        const { body, last, used } = readInPieces(framed + after, pieces);
        assert.equal(body, chunks.join(''));
        assert.deepEqual(last.kind === 'done' && last.trailers, ['X-Sum', '1']);
        assert.equal(used, framed.length);
      }),
    );
  });

  it('leaves framing and routing out of the trailers', () => {
    const { last } = readInPieces('0\r\nContent-Length: 3\r\nX-Sum: 1\r\nTransfer-Encoding: x\r\nHost: evil\r\n\r\n', [7]);
    assert.deepEqual(last.kind === 'done' && last.trailers, ['X-Sum', '1']);
  });

  const broken: readonly (readonly [what: string, text: string])[] = [
    ['a size that is no number', 'xyz\r\n'],
    ['an empty size', '\r\n'],
    ['a signed size', '+3\r\nabc\r\n'],
    ['a size with a prefix', '0x3\r\nabc\r\n'],
    ['a size too large to count', `${'f'.repeat(13)}\r\n`],
    ['a chunk longer than it said', '3\r\nabcd\r\n'],
    ['a bare line feed after the size', '3\nabc\r\n'],
    ['a bare line feed after the chunk', '3\r\nabc\n'],
    ['a carriage return inside a line', '3;a\rb\r\nabc\r\n'],
    ['an endless extension', `3;${'a'.repeat(5_000)}`],
    ['a trailer without a colon', '0\r\nnonsense\r\n\r\n'],
    ['a trailer whose name is not valid', '0\r\nBad Name: x\r\n\r\n'],
    ['a trailer without a name', '0\r\n: x\r\n\r\n'],
    ['a folded trailer', '0\r\nX-A: b\r\n c: d\r\n\r\n'],
    ['a trailer whose value is not valid', '0\r\nX-A: b\0c\r\n\r\n'],
    ['endless trailers', `0\r\n${'X-A: 1234567890\r\n'.repeat(2_000)}\r\n`],
  ];
  for (const [what, text] of broken) {
    it(`refuses ${what}`, () => {
      fc.assert(
        fc.property(sizes, (pieces) => assert.equal(readInPieces(text, pieces).last.kind, 'broken')),
        { numRuns: 20 },
      );
    });
  }
});
