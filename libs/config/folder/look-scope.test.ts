import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createLookScope } from './look-scope.ts';

const folders = ['a', 'b'];

/** Hints that somebody gives by hand, and a clock that somebody turns. */
function scoped() {
  let hinted = new Set<string>();
  const world = { nowMs: 0, renewed: 0 };
  const scope = createLookScope({
    hints: {
      follow: () => undefined,
      take() {
        const taken = hinted;
        hinted = new Set();
        return taken;
      },
      renew() {
        world.renewed += 1;
      },
    },
    nowMs: () => world.nowMs,
  });
  function look(atMs: number, changed: readonly string[] = []): readonly string[] | 'everything' {
    world.nowMs = atMs;
    const due = scope.begin(folders);
    scope.end(changed.filter((folder) => due === null || due.has(folder)));
    return due === null ? 'everything' : [...due];
  }
  return { world, scope, look, hint: (folder: string) => void hinted.add(folder) };
}

describe('what a look is at', () => {
  it('is everything at first, and then what hints name, for a while', () => {
    const { look, hint } = scoped();
    assert.equal(look(0), 'everything');
    assert.deepEqual(look(600), []);
    hint('b');
    assert.deepEqual(look(1_200), ['b']);
    assert.deepEqual(look(1_800), []);
    assert.equal(look(2_400), 'everything');
  });

  it('is everything after a look that found a change: others may have come with it', () => {
    const { look, hint } = scoped();
    look(0);
    hint('b');
    assert.deepEqual(look(600, ['b']), ['b']);
    assert.equal(look(1_200), 'everything');
    assert.deepEqual(look(1_800), []);
  });

  it('is everything for a minute after a change that no hint told of, also a late one', () => {
    const { look, world } = scoped();
    look(0);
    assert.equal(look(2_400, ['a']), 'everything');
    for (let atMs = 3_000; atMs < 63_000; atMs += 600) assert.equal(look(atMs), 'everything');
    assert.equal(world.renewed, 1);
    assert.deepEqual(look(63_600), []);
  });

  it('believes a hint that comes a moment after its change was found', () => {
    const { look, hint, world } = scoped();
    look(0);
    look(2_400, ['a']);
    hint('a');
    assert.equal(look(3_000), 'everything');
    assert.deepEqual([look(3_600), world.renewed], [[], 0]);
  });

  it('is everything when somebody asks who must not be told what was, and for other folders', () => {
    const { look, scope } = scoped();
    look(0);
    scope.doubt();
    assert.equal(look(600), 'everything');
    const fresh = scoped();
    fresh.look(0);
    assert.equal(fresh.scope.begin(['c']), null);
  });

  it('is everything without hints', () => {
    const scope = createLookScope({ hints: null, nowMs: () => 0 });
    assert.deepEqual([scope.begin(folders), scope.begin(folders)], [null, null]);
  });

  it('comes to everything within two seconds and a look, whatever hints say', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ waitMs: fc.integer({ min: 1, max: 900 }), hint: fc.constantFrom('a', 'b', '') })), (steps) => {
        const { look, hint } = scoped();
        look(0);
        let [nowMs, everythingAtMs] = [0, 0];
        for (const step of steps) {
          nowMs += step.waitMs;
          if (step.hint !== '') hint(step.hint);
          if (look(nowMs, step.hint === '' ? [] : [step.hint]) === 'everything') everythingAtMs = nowMs;
          assert.ok(nowMs - everythingAtMs < 2_000);
        }
      }),
    );
  });
});
