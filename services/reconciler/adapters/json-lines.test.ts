import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jsonLines } from './json-lines.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts.map((each) => each % (bytes.length + 1)), bytes.length].toSorted((one, other) => one - other)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

async function read(text: string, cuts: readonly number[] = []): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(pieces(new TextEncoder().encode(text), cuts))) values.push(value);
  return values;
}

describe('a stream of JSON lines', () => {
  it('gives the same values wherever it is cut', async () => {
    const values = fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }), more: fc.jsonValue() }));
    await fc.assert(
      fc.asyncProperty(values, fc.array(fc.nat()), async (wanted, cuts) => {
        const text = wanted.map((value) => `${JSON.stringify(value)}\n`).join('');
        assert.deepEqual(await read(text, cuts), JSON.parse(JSON.stringify(wanted)));
      }),
    );
  });

  it('reads the last line without its end, and skips empty ones', async () => {
    assert.deepEqual(await read('{"a":1}\r\n\n{"b":2}'), [{ a: 1 }, { b: 2 }]);
    assert.deepEqual(await read(''), []);
  });

  it('gives what came before a line that was cut off, and then fails', async () => {
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const value of jsonLines(pieces(Buffer.from('{"a":1}\n{"b":'), []))) seen.push(value);
    })();
    await assert.rejects(reading, { name: 'RetryableError', code: 'ENGINE_ERROR' });
    assert.deepEqual(seen, [{ a: 1 }]);
  });
});
