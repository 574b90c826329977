import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ObservedContainer } from '../ports.ts';
import { container, releaseOf, service, target } from '../testing/observed.ts';
import { sortContainers } from './sort-containers.ts';

const wanted = releaseOf('v1');
const endpoints = { node: 'local' as never, service, routes: [], targets: [target('ready')] };

describe('sortContainers', () => {
  it('keeps what serves before what runs, and what runs before what ended', () => {
    const containers = [
      container({ id: 'ended', name: 'a', state: 'exited', hasAlias: false }),
      container({ id: 'runs', name: 'b', hasAlias: false }),
      container({ id: 'ready', name: 'c', kedge: { slot: 7 } }),
      container({ id: 'other', name: 'd', kedge: { release: releaseOf('v2') } }),
    ];
    const ids = (replicas: number) => sortContainers({ service, wanted, replicas, containers, endpoints }).keep.map(({ id }) => id);
    assert.deepEqual(ids(1), ['ready']);
    assert.deepEqual(ids(2), ['ready', 'runs']);
    assert.deepEqual(ids(9), ['ready', 'runs', 'ended']);
  });

  it('keeps none that is spent', () => {
    const containers = [container({ id: 'spent', name: 'a' }), container({ id: 'runs', name: 'b', hasAlias: false })];
    const isSpent = ({ id }: ObservedContainer) => id === 'spent';
    const { keep, leaving } = sortContainers({ service, wanted, replicas: 2, containers, endpoints, isSpent });
    assert.deepEqual([keep.map(({ id }) => id), leaving.map(({ id }) => id)], [['runs'], ['spent']]);
  });

  it('puts every container on exactly one side, and never keeps more than wanted or of another release', () => {
    const State = fc.constantFrom<ObservedContainer['state']>('created', 'running', 'exited', 'dead', 'removing', 'restarting');
    const Some = fc.array(fc.record({ state: State, version: fc.constantFrom('v1', 'v2'), slot: fc.nat(3) }), { maxLength: 8 });
    fc.assert(
      fc.property(Some, fc.integer({ min: 0, max: 4 }), (some, replicas) => {
        const containers = some.map(({ state, version, slot }, index) =>
          container({ id: `c${index}`, name: `n${index}`, state, kedge: { release: releaseOf(version), slot } }),
        );
        const { keep, leaving } = sortContainers({ service, wanted, replicas, containers, endpoints: null });
        assert.equal(keep.length + leaving.length, containers.length);
        assert.ok(keep.length <= replicas);
        assert.ok(keep.every(({ kedge, state }) => kedge?.release === wanted && state !== 'dead' && state !== 'removing'));
      }),
    );
  });
});
