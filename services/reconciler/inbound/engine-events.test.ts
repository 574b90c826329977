import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerEngine, EngineEvent } from '../ports.ts';
import { createSimulatedEngine } from '../testing/simulated-engine.ts';
import { node, web } from '../testing/simulated-proxies.ts';
import { followEngine } from './engine-events.ts';

describe('an event of the engine', () => {
  function follow() {
    const told: string[] = [];
    let listener: Parameters<ContainerEngine['follow']>[0] | null = null;
    const clock = { now: () => new Date(0), monotonicMs: () => 0 };
    const simulated = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
    const engine: ContainerEngine = {
      ...simulated,
      follow(given) {
        listener = given;
        return { close: async () => undefined };
      },
    };
    followEngine({
      node,
      engine,
      wake: (service) => void told.push(`look at ${service}`),
      resync: () => void told.push('look at everything'),
      onDeath: ({ container }) => void told.push(`${container} died`),
    });
    const happens = (action: EngineEvent['action'], changes: Partial<EngineEvent> = {}) => {
      told.length = 0;
      listener?.onEvent({ action, container: 'c1', node, service: web, ...changes });
      return [...told];
    };
    return { happens, told, missed: () => listener?.onResync() };
  }

  it('is a reason to look at its service, and a death is told', () => {
    const { happens } = follow();
    assert.deepEqual(happens('start'), ['look at web']);
    assert.deepEqual(happens('die'), ['c1 died', 'look at web']);
  });
  it('of somebody else’s container is nothing to us', () => assert.deepEqual(follow().happens('die', { node: null, service: null }), []));
  it('of a service of another node is nothing to us, whatever it is called', () =>
    assert.deepEqual(follow().happens('die', { node: 'other' }), []));
  it('of a container that names no node counts as ours, as its name does', () =>
    assert.deepEqual(follow().happens('start', { node: null }), ['look at web']));
  it('that was missed is made up for by a look at everything', () => {
    const { told, missed } = follow();
    missed();
    assert.deepEqual(told, ['look at everything']);
  });
});
