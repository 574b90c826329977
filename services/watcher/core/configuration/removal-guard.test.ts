import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { guardRemoval } from './removal-guard.ts';

const names = (...list: readonly string[]) => list.map((name) => ServiceName.parse(name));
const guard = (current: readonly ServiceName[], next: readonly ServiceName[], more = {}) =>
  guardRemoval({ current, next, revision: 'r2', held: undefined, apply: false, ...more });

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
  ] as const) {
    it(`${pass ? 'passes' : 'holds'} ${current.join(' ') || 'nothing'} → ${next.join(' ') || 'nothing'}`, () => {
      assert.equal(guard(names(...current), names(...next)).pass, pass);
    });
  }

  it('says what would go', () => {
    assert.deepEqual(guard(names('a1', 'b1'), []), { pass: false, removes: ['a1', 'b1'] });
  });

  it('passes when a person says yes, but not a yes to something else', () => {
    const held = (revision: string) => ({ revision, removes: names('a1'), since: '2026-01-01T00:00:00.000Z' });
    assert.equal(guard(names('a1'), [], { apply: true }).pass, true);
    assert.equal(guard(names('a1'), [], { apply: true, held: held('r2') }).pass, true);
    assert.equal(guard(names('a1'), [], { apply: true, held: held('r1') }).pass, false);
    assert.equal(guard(names('a1'), [], { held: held('r2') }).pass, false);
  });

  it('never lets all go, nor more than half of more than three, and never holds anything else', () => {
    const some = fc.uniqueArray(fc.constantFrom(...names('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1')));
    fc.assert(
      fc.property(some, some, (current, next) => {
        const gone = current.filter((name) => !next.includes(name)).length;
        const tooMuch = gone > 0 && (gone === current.length || (current.length > 3 && gone > current.length / 2));
        assert.equal(guard(current, next).pass, !tooMuch);
      }),
    );
  });
});
