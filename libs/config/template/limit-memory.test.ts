import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { limitMemory } from './limit-memory.ts';

/** `(module (memory (export "m") 1))`, and the same without a memory. */
const header = [0, 97, 115, 109, 1, 0, 0, 0];
const withMemory = Uint8Array.from([...header, 5, 3, 1, 0, 1, 7, 5, 1, 1, 109, 2, 0]);
const withoutMemory = Uint8Array.from(header);

interface Memory {
  readonly buffer: ArrayBuffer;
  /** Returns the pages before. */
  grow(pages: number): number;
}

async function memoryOf(module: Uint8Array): Promise<Memory> {
  const { m }: { readonly m: Memory } = await import(`data:application/wasm;base64,${Buffer.from(module).toString('base64')}`);
  return m;
}

describe('the memory of a module', () => {
  for (const pages of [1, 2, 127, 128, 1024]) {
    it(`grows to ${pages} pages and no further`, async () => {
      const memory = await memoryOf(limitMemory(withMemory, pages));
      assert.equal(memory.grow(pages - 1), 1);
      assert.equal(memory.buffer.byteLength, pages * 65_536);
      assert.throws(() => memory.grow(1), RangeError);
    });
  }

  it('grows further without', async () => assert.equal((await memoryOf(withMemory)).grow(2_000), 1));

  it('may not be there at all', () => assert.deepEqual(limitMemory(withoutMemory, 1), withoutMemory));
});
