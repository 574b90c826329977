import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerEngine, EngineEvent } from '../ports.ts';
import { createSimulatedEngine } from '../testing/simulated-engine.ts';
import { web } from '../testing/simulated-proxies.ts';
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
      engine,
      wake: (service) => void told.push(`look at ${service}`),
      resync: () => void told.push('look at everything'),
      onDeath: ({ container }) => void told.push(`${container} died`),
    });
    const happens = (action: EngineEvent['action'], service: EngineEvent['service'] = web) => {
      told.length = 0;
      listener?.onEvent({ action, container: 'c1', service });
      return [...told];
    };
    return { happens, told, missed: () => listener?.onResync() };
  }

  it('is a reason to look at its service, and a death is told', () => {
    const { happens } = follow();
    assert.deepEqual(happens('start'), ['look at web']);
    assert.deepEqual(happens('die'), ['c1 died', 'look at web']);
  });
  it('of somebody else’s container is nothing to us', () => assert.deepEqual(follow().happens('die', null), []));
  it('that was missed is made up for by a look at everything', () => {
    const { told, missed } = follow();
    missed();
    assert.deepEqual(told, ['look at everything']);
  });
});
