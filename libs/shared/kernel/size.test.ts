import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseMemoryBytes, parseNanoCpus } from './size.ts';

describe('parseMemoryBytes', () => {
  const table: readonly (readonly [string, number])[] = [
    ['1024', 1024],
    ['512m', 512 * 1024 ** 2],
    ['256mb', 256 * 1024 ** 2],
    ['256MiB', 256 * 1024 ** 2],
    ['1.5g', 1.5 * 1024 ** 3],
    ['512 m', 512 * 1024 ** 2],
    ['64k', 64 * 1024],
    ['100b', 100],
    ['1t', 1024 ** 4],
  ];
  for (const [text, bytes] of table) it(`reads ${text}`, () => assert.equal(parseMemoryBytes(text), bytes));

  for (const text of ['', 'lots', '-1m', '0', '1mm', '1.m', 'm']) {
    it(`refuses "${text}"`, () => assert.throws(() => parseMemoryBytes(text), { code: 'SIZE_INVALID' }));
  }

  it('never gives zero or less, which the engine would take for "no limit"', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          assert.ok(parseMemoryBytes(text) > 0);
        } catch (thrown) {
          assert.equal((thrown as { code?: string }).code, 'SIZE_INVALID');
        }
      }),
    );
  });
});

describe('parseNanoCpus', () => {
  it('reads whole and broken numbers', () => {
    assert.equal(parseNanoCpus('2'), 2_000_000_000);
    assert.equal(parseNanoCpus(' 0.5 '), 500_000_000);
  });

  for (const text of ['', 'two', '0', '-1', '1,5', 'Infinity']) {
    it(`refuses "${text}"`, () => assert.throws(() => parseNanoCpus(text), { code: 'CPUS_INVALID' }));
  }
});
