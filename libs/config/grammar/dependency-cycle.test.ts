import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findCycles } from './dependency-cycle.ts';

const graph = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

describe('dependency cycles', () => {
  const table: readonly (readonly [string, Readonly<Record<string, readonly string[]>>, readonly (readonly string[])[]])[] = [
    ['one that names itself', { a: ['a'] }, [['a']]],
    ['one over several, and what only leads to it', { d: ['a'], a: ['b'], b: ['c'], c: ['a', 'e'], e: [] }, [['abc']]],
    ['two that have nothing in common', { a: ['b'], b: ['a'], c: ['c'] }, [['ab'], ['c']]],
    ['two of which one leads to the other', { a: ['b'], b: ['a', 'c'], c: ['x'], x: ['y'], y: ['x'] }, [['ab'], ['xy']]],
    ['two through one name, told together', { a: ['b'], b: ['a', 'c'], c: ['b'] }, [['ab', 'cb']]],
    ['the shortest first, and the longer one for whom it does not name', { a: ['b'], b: ['c'], c: ['a', 'b'] }, [['bc', 'abc']]],
    ['the shortest alone where it names all', { a: ['b', 'a'], b: ['b', 'a'] }, [['a', 'b']]],
  ];
  for (const [title, edges, expected] of table) {
    it(title, () => assert.deepEqual(findCycles(graph(edges)).map(joined), expected));
  }

  it('finds none in a diamond, and ignores names that are not there', () => {
    assert.deepEqual(findCycles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: ['gone'] })), []);
  });

  it('follows a chain of thousands', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => String(index));
    const chain = new Map(names.map((name, index) => [name, [names[index + 1] ?? 'gone']]));
    assert.deepEqual(findCycles(chain), []);
  });

  it('names exactly those that lead to themselves, in one knot whoever leads to each other, and only real cycles', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
    fc.assert(
      fc.property(edges, fc.boolean(), (pairs, forwards) => {
        const map = new Map(Array.from({ length: 8 }, (_, name) => [String(name), [] as string[]]));
        for (const [from, to] of pairs) if (!forwards || from < to) map.get(String(from))?.push(String(to));
        const knots = findCycles(map);
        if (forwards) assert.deepEqual(knots, []);
        for (const cycle of knots.flat()) {
          for (const [index, name] of cycle.entries()) assert.ok(map.get(name)?.includes(cycle[(index + 1) % cycle.length] ?? ''));
          assert.equal(new Set(cycle).size, cycle.length);
        }
        const looping = [...map.keys()].filter((name) => reaches(map, name, name));
        assert.deepEqual([...new Set(knots.flat(2))].toSorted(), looping);
        for (const name of looping) {
          const own = knots.filter((knot) => knot.flat().includes(name));
          const others = looping.filter((each) => reaches(map, name, each) && reaches(map, each, name));
          assert.deepEqual(
            own.map((knot) => [...new Set(knot.flat())].toSorted()),
            [others],
          );
        }
        for (const knot of knots) assert.ok(knot.every((cycle) => cycle.length >= (knot[0]?.length ?? 0)));
      }),
    );
  });
});

const joined = (knot: readonly (readonly string[])[]) => knot.map((cycle) => cycle.join(''));

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
