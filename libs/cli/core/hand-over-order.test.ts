import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { handOverOrder } from './hand-over-order.ts';

const names = ['a1', 'b1', 'c1', 'd1', 'e1'].map((name) => ServiceName.parse(name));
const graph = fc.tuple(
  fc.shuffledSubarray(names),
  fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 12 }),
);

describe('handOverOrder', () => {
  it('puts every service behind what it depends on, and loses none', () => {
    fc.assert(
      fc.property(graph, ([declared, edges]) => {
        // Later letters depend on earlier ones: no cycles, as the validation guarantees.
        const services = declared.map((name) => ({
          name,
          spec: {
            depends_on: Object.fromEntries(edges.filter(([from, to]) => from === name && to < from).map(([, to]) => [to, 'started'])),
          },
        }));
        const ordered: readonly string[] = handOverOrder(services);
        assert.deepEqual(ordered.toSorted(), declared.toSorted());
        for (const { name, spec } of services)
          for (const dependency of Object.keys(spec.depends_on))
            if (ordered.includes(dependency)) assert.ok(ordered.indexOf(dependency) < ordered.indexOf(name));
      }),
    );
  });

  it('leaves what is independent as it is', () => {
    assert.deepEqual(handOverOrder(names.map((name) => ({ name, spec: {} }))), names);
  });
});
