import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32c } from './crc32c.ts';

/** RFC 3720, appendix B.4, and the check value that every list of CRCs has. */
const vectors: readonly (readonly [what: string, bytes: Uint8Array, crc: number])[] = [
  ['nothing', new Uint8Array(), 0],
  ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ['zeros', new Uint8Array(32), 0x8a9136aa],
  ['ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['bytes that go up', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
];

describe('CRC-32C', () => {
  for (const [what, bytes, crc] of vectors) it(`of ${what}`, () => assert.equal(crc32c(bytes), crc));
});
