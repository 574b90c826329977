import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NodeName, type ServiceEntry, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { nameServices } from './named-services.ts';

type Pairs = readonly (readonly [string, string])[];

function entry([name, hash]: Pairs[number]): ServiceEntry {
  const spec = ServiceSpec.parse({ service: { name: ServiceName.parse(name), image: 'nginx' }, dispenser: { watch: true } });
  return { node: NodeName.parse('local'), spec, hash, path: name };
}
const name = (wished: Pairs, before: Pairs) => nameServices(wished.map(entry), Object.fromEntries(before));

describe('the services that a manifest names', () => {
  const web = ['web', 'one'] as const;
  const api = ['api', 'one'] as const;
  for (const [what, before, wished, change] of [
    ['nothing where all is as it was', [web, api], [web, api], [[], [], []]],
    ['one that changed', [web, api], [web, ['api', 'two']], [[], [], ['api']]],
    ['one that came', [web], [api, web], [[], ['api'], []]],
    ['one that went', [web, api], [api], [['web'], [], []]],
    ['nothing where only the order is another', [web, api], [api, web], [[], [], []]],
    ['one that changed where the order is another', [web, api], [api, ['web', 'two']], [[], [], ['web']]],
    ['one that has the name of what every object has', [web], [web, ['constructor', 'one']], [[], ['constructor'], []]],
  ] as const) {
    it(`differ by ${what}`, () => {
      const { services, gone, added, changed } = name(wished, before);
      assert.deepEqual([gone, added, changed], change);
      assert.deepEqual(services, Object.fromEntries(wished));
    });
  }

  it('are the very record that was there when it says the same, and one in the same order otherwise', () => {
    const before = Object.fromEntries([web, api]);
    assert.equal(nameServices([web, api].map(entry), before).services, before);
    const changed = nameServices([entry(['web', 'two']), entry(api)], before).services;
    assert.deepEqual([Object.entries(changed), before.web], [[['web', 'two'], api], 'one']);
  });

  it('are told the same way whatever was there before', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.constantFrom('web', 'api', 'db', '12', '10'), fc.constantFrom('one', 'two')), {
      selector: ([each]) => each,
    });
    fc.assert(
      fc.property(pairs, pairs, (wished, before) => {
        const { services, gone, added, changed } = name(wished, before);
        assert.equal(JSON.stringify(services), JSON.stringify(Object.fromEntries(wished)));
        const [old, next] = [new Map<string, string>(before), new Map<string, string>(wished)];
        const namesIn = (all: Pairs, isMeant: (pair: Pairs[number]) => boolean) => all.filter(isMeant).map(([each]) => each);
        assert.deepEqual(gone.toSorted(), namesIn(before, ([each]) => !next.has(each)).toSorted());
        assert.deepEqual(
          added,
          namesIn(wished, ([each]) => !old.has(each)),
        );
        assert.deepEqual(
          changed,
          namesIn(wished, ([each, hash]) => old.has(each) && old.get(each) !== hash),
        );
      }),
    );
  });
});
