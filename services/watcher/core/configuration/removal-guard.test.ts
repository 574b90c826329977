import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { guardRemoval, type KnownService } from './removal-guard.ts';

/** `name@folder>route`; the folder is that of the name when it is left out. */
function service(text: string): KnownService {
  const [, name = '', folder = name, route = null] = /^(\w+)(?:@(\w+))?(?:>(\w+))?$/.exec(text) ?? [];
  return { name: ServiceName.parse(name), folder, route };
}
const services = (list: readonly string[]) => list.map(service);
const missingIn = (some: readonly KnownService[], others: readonly KnownService[]) =>
  some.filter(({ name }) => !others.some((other) => other.name === name));
const between = ({ current, next }: { readonly current: readonly KnownService[]; readonly next: readonly KnownService[] }) => ({
  gone: missingIn(current, next),
  added: missingIn(next, current),
  of: current.length,
});
const guard = (current: readonly string[], next: readonly string[], more: Partial<Parameters<typeof guardRemoval>[0]> = {}) =>
  guardRemoval({
    ...between({ current: services(current), next: services(next) }),
    revision: 'r2',
    held: undefined,
    agreed: null,
    ...more,
  });

describe('the mass-removal guard', () => {
  for (const [current, next, pass] of [
    [[], [], true],
    [[], ['a1'], true],
    [['a1'], ['a1'], true],
    [['a1'], [], false],
    [['a1'], ['b1'], false],
    [['a1', 'b1'], ['a1'], true],
    [['a1', 'b1'], [], false],
    [['a1', 'b1', 'c1'], ['a1'], true],
    [['a1', 'b1', 'c1', 'd1'], ['a1', 'b1'], true],
    [['a1', 'b1', 'c1', 'd1'], ['a1'], false],
    [['a1', 'b1', 'c1', 'd1', 'e1'], ['a1', 'b1', 'new'], false],
    // Renamed: the folder or the route stays.
    [['a1@x'], ['b1@x'], true],
    [['a1@x>r'], ['b1@y>r'], true],
    [['a1@x>r'], ['b1@y>s'], false],
    [['a1', 'b1@x'], ['c1@x'], true],
    [['a1', 'b1', 'c1', 'd1@x'], ['a1', 'e1@x'], true],
    [['a1', 'b1', 'c1', 'd1@x'], ['e1@x'], false],
    // One new service takes the place of one only.
    [['a1@x>r', 'b1@y>r'], ['c1@z>r'], true],
    [['a1@w', 'b1@x>r', 'c1@y', 'd1@z'], ['e1@w>r'], false],
    // A service that stays takes nobody's place.
    [['a1@x', 'b1', 'c1', 'd1'], ['b1@x'], false],
  ] as const) {
    it(`${pass ? 'passes' : 'holds'} ${current.join(' ') || 'nothing'} → ${next.join(' ') || 'nothing'}`, () => {
      assert.equal(guard(current, next).pass, pass);
    });
  }

  it('says what would go, and does not count what is renamed', () => {
    assert.deepEqual(guard(['a1', 'b1'], []), { pass: false, removes: ['a1', 'b1'] });
    assert.deepEqual(guard(['a1', 'b1', 'c1', 'd1@x'], ['e1@x']), { pass: false, removes: ['a1', 'b1', 'c1'] });
  });

  it('passes when a person says yes, but not a yes to something else', () => {
    const held = (revision: string) => ({ revision, removes: [ServiceName.parse('a1')], since: '2026-01-01T00:00:00.000Z' });
    for (const [agreed, recorded, pass] of [
      [{}, undefined, true],
      [{}, 'r2', true],
      [{}, 'r1', false],
      [null, 'r2', false],
      [{ revision: 'r2' }, 'r2', true],
      [{ revision: 'r2' }, 'r1', true],
      [{ revision: 'r2' }, undefined, true],
      [{ revision: 'r1' }, 'r1', false],
      [{ revision: 'r1' }, 'r2', false],
    ] as const) {
      const verdict = guard(['a1'], [], { agreed, held: recorded === undefined ? undefined : held(recorded) });
      assert.equal(verdict.pass, pass, JSON.stringify([agreed, recorded]));
    }
  });

  const some = fc.uniqueArray(fc.constantFrom('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1'));

  it('never lets all go, nor more than half of more than three, and never holds anything else', () => {
    fc.assert(
      fc.property(some, some, (current, next) => {
        const gone = current.filter((name) => !next.includes(name)).length;
        const tooMuch = gone > 0 && (gone === current.length || (current.length > 3 && gone > current.length / 2));
        assert.equal(guard(current, next).pass, !tooMuch);
      }),
    );
  });

  it('never holds what only renames, and never says that more goes than is gone', () => {
    const mark = fc.option(fc.constantFrom('w', 'x', 'y', 'z'), { nil: null });
    const known = (names: readonly string[]) =>
      fc
        .tuple(
          ...names.map((name) => fc.record({ folder: mark, route: mark, used: fc.boolean(), name: fc.constant(ServiceName.parse(name)) })),
        )
        .map((all) => all.filter(({ used }) => used));
    const all = ['a1', 'b1', 'c1', 'd1', 'e1'];
    fc.assert(
      fc.property(known(all), known(all), (current, next) => {
        const verdict = guardRemoval({ ...between({ current, next }), revision: 'r', held: undefined, agreed: null });
        const gone = current.filter(({ name }) => !next.some((each) => each.name === name)).length;
        const added = next.filter(({ name }) => !current.some((each) => each.name === name)).length;
        if (verdict.pass) return;
        assert.ok(verdict.removes.length <= gone && verdict.removes.length >= gone - added);
      }),
    );
    fc.assert(
      fc.property(some, (names) => {
        const renamed = services(names).map((each) => ({ ...each, name: ServiceName.parse(`${each.name}-new`) }));
        const change = between({ current: services(names), next: renamed });
        assert.equal(guardRemoval({ ...change, revision: 'r', held: undefined, agreed: null }).pass, true);
      }),
    );
  });
});
