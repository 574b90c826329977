import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigManifest, manifestKey, ServiceName } from '@kedge/shared/contracts';
import { type KedgeError, RetryableError, TerminalError } from '@kedge/shared/kernel';
import { createPlanAnswerer } from './answer-plan.ts';
import { timingsOf } from './core/timings.ts';
import type { World } from './observe-service.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';

const fine = ServiceName.parse('fine');
const broken = ServiceName.parse('broken');
const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0 };
const manifest: ConfigManifest = { node, revision: 'r', entry: 'kedge.toml', services: { fine: 'f', broken: 'b' }, delay: 10 };

/** Two services that serve what is declared; planning for `broken` ends in `fault`. */
async function ask(fault: KedgeError) {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  await put(stores.manifests, manifestKey(node), manifest);
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  const observe = async (service: ServiceName): Promise<World> => ({
    service,
    key: service,
    manifest,
    spec: declared({ service: { name: service, image: `app@${digestOf('v1')}` } }),
    image: null,
    local: null,
    record: null,
    bars: null,
    endpoints: null,
    containers: [],
    foreign: null,
    quietForMs: new Map(),
    now: 0,
  });
  const answer = createPlanAnswerer({
    bus,
    stores,
    engine,
    observe: async (service) => {
      if (service === broken) throw fault;
      return await observe(service);
    },
    plan: async () => ({ steps: [], making: null, timings: timingsOf(null) }),
  });
  return await answer({});
}

describe('a plan', () => {
  it('tells what one service gets wrong at that service, and goes on', async () => {
    const { changes } = await ask(new TerminalError('GATE_PORT_UNKNOWN', 'set "port" in [[gate]]'));
    assert.deepEqual(
      changes.map(({ service, problem }) => [service, problem?.code]),
      [
        [broken, 'GATE_PORT_UNKNOWN'],
        [fine, undefined],
      ],
    );
  });

  it('is not made when the engine does not answer', async () => {
    await assert.rejects(ask(new RetryableError('ENGINE_UNREACHABLE', 'it is away')), { code: 'ENGINE_UNREACHABLE' });
  });
});
