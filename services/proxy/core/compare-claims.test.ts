import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { type Claim, compareClaims } from './compare-claims.ts';

function claim(name: string, serves: boolean, revision: string): Claim {
  return { name: ServiceName.parse(name), serves, revision };
}

const compare = compareClaims('e2');

describe('of two services that claim the same place', () => {
  const cases: readonly (readonly [why: string, winner: Claim, loser: Claim])[] = [
    ['the one that serves wins', claim('bb', true, 'e2.1'), claim('aa', false, 'e2.9')],
    ['of two that serve, the one written last wins', claim('bb', true, 'e2.10'), claim('aa', true, 'e2.9')],
    ['of two that do not serve, the one written last wins', claim('bb', false, 'e2.10'), claim('aa', false, 'e2.9')],
    ['the one of the store in force wins', claim('bb', true, 'e2.1'), claim('aa', true, 'e1.9')],
    ['even when that store looks older', claim('bb', true, 'e2.1'), claim('aa', true, 'e3.9')],
    ['serving counts more than the store', claim('bb', true, 'e1.1'), claim('aa', false, 'e2.9')],
    ['of two lost stores the later one counts', claim('bb', true, 'e1.1'), claim('aa', true, 'e0.9')],
    ['otherwise the first one by name wins', claim('aa', true, 'e2.9'), claim('bb', true, 'e2.9')],
  ];
  for (const [why, winner, loser] of cases) {
    it(why, () => {
      assert.ok(compare(winner, loser) < 0);
      assert.ok(compare(loser, winner) > 0);
    });
  }

  it('one wins for any claims, and in any company', () => {
    const any = fc.record({
      name: fc.constantFrom('aa', 'bb', 'cc', 'dd').map((name) => ServiceName.parse(name)),
      serves: fc.boolean(),
      revision: fc.tuple(fc.constantFrom('e0', 'e1', 'e2', 'e3'), fc.integer({ min: 1, max: 12 })).map(([epoch, at]) => `${epoch}.${at}`),
    });
    const three = fc.uniqueArray(any, { minLength: 3, maxLength: 3, selector: ({ name }) => name });
    fc.assert(
      fc.property(three, ([first, second, third]) => {
        assert.ok(first && second && third);
        const before = (left: Claim, right: Claim) => compare(left, right) < 0;
        assert.notEqual(before(first, second), before(second, first));
        if (before(first, second) && before(second, third)) assert.ok(before(first, third));
      }),
    );
  });
});
