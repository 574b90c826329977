import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigManifest, type ImageEntry, ImageReference, manifestKey, ServiceName, Ulid } from '@kedge/shared/contracts';
import { type KedgeError, RetryableError, TerminalError } from '@kedge/shared/kernel';
import { createPlanAnswerer } from './answer-plan.ts';
import type { PendingHandOver } from './core/hand-over.ts';
import { timingsOf } from './core/timings.ts';
import type { World } from './observe-service.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, releaseOf } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';

const fine = ServiceName.parse('fine');
const broken = ServiceName.parse('broken');
const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0 };
const manifest: ConfigManifest = { node, revision: 'r', entry: 'kedge.toml', services: { fine: 'f', broken: 'b' }, delay: 10 };

const rollout = Ulid.parse('01JZ0000000000000000000000');
const since = '2026-01-01T00:00:00.000Z';
const serving = { release: releaseOf('v1'), image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const, since, rollout };
const entryAt = { key: 'k', revision: 1, writtenAt: new Date(0) };

interface Changes {
  readonly leaving?: PendingHandOver | null;
  /** Who can only start when what leaves is gone. */
  readonly successors?: readonly string[];
  /** What the registry says of `app:typo`, which is declared while `app:latest` serves. */
  readonly misspelt?: ImageEntry | null;
  /** Networks that somebody else has to make. */
  readonly missing?: readonly { readonly name: string; readonly reason: string }[];
  readonly down?: World['down'];
}

/** Two services that serve what is declared; planning for `broken` ends in `fault`. */
async function ask(fault: KedgeError, { leaving = null, successors = [], misspelt = null, missing = [], down = null }: Changes = {}) {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  await put(stores.manifests, manifestKey(node), manifest);
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  const observe = async (service: ServiceName): Promise<World> => ({
    service,
    key: service,
    manifest,
    down,
    declared: declared({ service: { name: service, image: `app@${digestOf('v1')}` } }),
    spec: leaving || down ? null : declared({ service: { name: service, image: misspelt ? 'app:typo' : `app@${digestOf('v1')}` } }),
    image: misspelt && { ...entryAt, value: misspelt },
    local: null,
    record: leaving || misspelt ? { ...entryAt, value: { node, service, serving: misspelt ? serving : null, rollout: null } } : null,
    bars: null,
    endpoints: null,
    containers: leaving ? [container()] : [],
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
    handOvers: { find: async () => leaving },
    successors: { words: async () => successors },
    nodeState: { down: async () => down },
    networks: { plan: async () => ({ changes: [], missing: [...missing] }) },
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

  it('names an image that nobody has, and no registry that is merely away for one that was resolved', async () => {
    const fault = new TerminalError('BROKEN', 'no');
    const entry = { reference: ImageReference.parse('app:typo'), accepted: null, state: 'absent' as const };
    const problemOf = async (image: ImageEntry) => {
      const { changes } = await ask(fault, { misspelt: image });
      return changes.find(({ service }) => service === fine)?.problem;
    };
    const problem = await problemOf(entry);
    assert.equal(problem?.code, 'IMAGE_UNRESOLVED');
    assert.match(problem.message, /the registry has no image app:typo, and neither has the engine/);
    const accepted = { digest: digestOf('v1'), platformDigest: digestOf('v1'), acceptedAt: '2026-01-01T00:00:00.000Z' };
    assert.equal(await problemOf({ ...entry, accepted, state: 'unreachable' }), undefined);
  });

  it('names networks that somebody else has to make beside those that Kedge would change', async () => {
    const fault = new TerminalError('BROKEN', 'no');
    const missing = [{ name: 'outer', reason: 'NETWORK_MISSING: make it' }];
    const { networks, missingNetworks } = await ask(fault, { missing });
    assert.deepEqual([networks, missingNetworks], [undefined, missing]);
    assert.equal((await ask(fault)).missingNetworks, undefined);
  });

  it('tells while everything is down what would start, and at no other time', async () => {
    const fault = new RetryableError('BROKEN', 'no');
    const { changes, problem, onUp } = await ask(fault, { down: { since, actor: 'ann' } });
    assert.deepEqual([changes.map(({ service }) => service), onUp?.map(({ service }) => service)], [[broken], [fine]]);
    assert.match(problem ?? '', /^everything was taken down at/);
    assert.equal((await ask(fault)).onUp, undefined);
  });

  it('tells of a removal what it waits for', async () => {
    const leaving = { to: broken, reason: 'its route moves' };
    const { changes } = await ask(new TerminalError('BROKEN', 'no'), { leaving });
    const removal = changes.find(({ service }) => service === fine);
    assert.deepEqual([removal?.action, removal?.problem], ['remove', { code: 'HAND_OVER_PENDING', message: 'its route moves' }]);
    assert.deepEqual(removal?.handsOverTo, { service: broken, reason: 'its route moves' });
  });

  it('tells of a removal who can only start after it', async () => {
    const leaving = { to: broken, reason: 'its route moves' };
    const { changes } = await ask(new TerminalError('BROKEN', 'no'), { leaving, successors: ['shop can only start when it is gone'] });
    const removal = changes.find(({ service }) => service === fine);
    assert.equal(removal?.reason, 'it is declared no more; shop can only start when it is gone');
  });

  it('is not made when the engine does not answer', async () => {
    await assert.rejects(ask(new RetryableError('ENGINE_UNREACHABLE', 'it is away')), { code: 'ENGINE_UNREACHABLE' });
  });
});
