import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findCycles } from './dependency-cycle.ts';

const graph = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

describe('dependency cycles', () => {
  it('finds one that names itself, and one over several', () => {
    assert.deepEqual(findCycles(graph({ a: ['a'] })), [['a']]);
    assert.deepEqual(findCycles(graph({ a: ['b'], b: ['c'], c: ['a'], d: ['a'] })), [['a', 'b', 'c']]);
  });

  it('finds none in a diamond, and ignores names that are not there', () => {
    assert.deepEqual(findCycles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: ['gone'] })), []);
  });

  it('finds none where every name depends on later ones only, and only real ones elsewhere', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
    fc.assert(
      fc.property(edges, fc.boolean(), (pairs, forwards) => {
        const map = new Map(Array.from({ length: 8 }, (_, name) => [String(name), [] as string[]]));
        for (const [from, to] of pairs) if (!forwards || from < to) map.get(String(from))?.push(String(to));
        const cycles = findCycles(map);
        if (forwards) assert.deepEqual(cycles, []);
        for (const cycle of cycles) {
          for (const [index, name] of cycle.entries()) assert.ok(map.get(name)?.includes(cycle[(index + 1) % cycle.length] ?? ''));
        }
        assert.equal(
          cycles.length > 0,
          map.keys().some((name) => reaches(map, name, name)),
        );
      }),
    );
  });
});

function reaches(map: ReadonlyMap<string, readonly string[]>, from: string, target: string): boolean {
  const seen = new Set<string>();
  const waiting = [...(map.get(from) ?? [])];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === target) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...(map.get(name) ?? []));
  }
  return false;
}
