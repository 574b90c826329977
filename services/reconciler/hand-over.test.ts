import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, type EndpointsEntry, releaseName, ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import type { PendingHandOver } from './core/hand-over.ts';
import type { Writing } from './core/still-written.ts';
import type { Readiness } from './core/successors.ts';
import { createHandOvers } from './hand-over.ts';
import type { World } from './observe-service.ts';
import type { ObservedContainer } from './ports.ts';
import { createDeclaredReader } from './read-declared.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, rolloutTo, target, service as web } from './testing/observed.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { recordOf } from './testing/world.ts';

const startOfAll = Date.parse('2026-01-01T00:00:00Z');
const shop = ServiceName.parse('shop');
const spec = declared({ service: { name: 'shop' }, proxy: { host: 'web.test', service_port: 80 } });
const routes = [{ host: 'web.test', path: '/' }];

interface Situation {
  readonly stored?: ServiceSpec;
  readonly inForce?: ServiceSpec;
  /** Whom the heir waits for. */
  readonly ahead?: readonly string[];
  /** Who is not ready to take over what only one can have. */
  readonly unprepared?: PendingHandOver | null;
  /** What is known of those that are declared. */
  readonly known?: Writing['declared'];
  readonly containers?: readonly ObservedContainer[];
  /** How far the heir is. */
  readonly readiness?: Readiness;
}

async function openHandOvers(situation: Situation = {}) {
  const {
    stored = spec,
    inForce = stored,
    ahead = [],
    unprepared = null,
    known = new Map(),
    containers = [],
    readiness = 'coming',
  } = situation;
  const writing = { node, held: [], declared: known, configFolder: '/etc/kedge' };
  const time = { ms: startOfAll };
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(time.ms), monotonicMs: () => 0 } });
  const stores = openStores(bus);
  const woken: string[] = [];
  await put(stores.services, serviceKey(node, shop), { node, spec: stored, hash: hashJson(stored), path: 'shop' });
  const key = serviceKey(node, web);
  await put(stores.endpoints, key, { node, service: web, routes, targets: [target('c1')] } satisfies EndpointsEntry);
  const manifest = ConfigManifest.parse({ node, revision: 'r1', entry: 'kedge.toml', services: { shop: hashJson(inForce) }, delay: 2 });
  const base = { service: web, key, manifest, down: null, declared: null, spec: null, image: null, local: null, record: null, bars: null };
  const world: World = {
    ...base,
    endpoints: await stores.endpoints.get(key),
    containers: [container()],
    foreign: null,
    quietForMs: new Map(),
    now: startOfAll,
  };
  const ports = {
    bus,
    stores,
    declared: createDeclaredReader({ bus, stores }),
    successors: { unprepared: async () => unprepared, readiness: async () => readiness },
    moves: {
      situation: async () => ({ writing, containers, aheadOf: () => new Set<string>(ahead), missedBy: () => new Set<string>(ahead) }),
    },
    wake: (service: string) => void woken.push(service),
  };
  return { stores, woken, world, time, handOvers: createHandOvers(ports) };
}

describe('a removal that waits for a route to move', () => {
  it('is woken when another service has other endpoints, and not by its own', async () => {
    const { handOvers, world, woken } = await openHandOvers();
    assert.equal((await handOvers.pending(world))?.to, shop);
    handOvers.written(web);
    assert.deepEqual(woken, []);
    handOvers.written(shop);
    assert.deepEqual(woken, [web]);
  });

  it('is woken by endpoints that were written while it looked', async () => {
    const { handOvers, world, woken } = await openHandOvers();
    const looking = handOvers.pending(world);
    handOvers.written(shop);
    await looking;
    assert.deepEqual(woken, [web]);
  });

  it('is left alone once it may go on', async () => {
    const { handOvers, stores, world, woken } = await openHandOvers();
    await handOvers.pending(world);
    await put(stores.endpoints, serviceKey(node, shop), { node, service: shop, routes, targets: [target('c2')] });
    assert.equal(await handOvers.pending(world), null);
    handOvers.written(shop);
    assert.deepEqual(woken, []);
  });

  it('decides nothing while the configuration is being written', async () => {
    const { handOvers, world } = await openHandOvers({ stored: declared({ service: { name: 'shop' } }), inForce: spec });
    await assert.rejects(handOvers.pending(world), { code: 'WORLD_MOVED' });
    assert.equal(await handOvers.find(world), null, 'whoever only asks gets an answer');
  });

  it('does not wait for who waits for it itself', async () => {
    const { handOvers, world } = await openHandOvers({ ahead: [web] });
    assert.equal(await handOvers.pending(world), null);
  });

  it('waits for who is not ready to take over what only one can have, until it has begun to leave, or has stopped', async () => {
    const unprepared = { to: shop, reason: 'no image', isUnsaid: true };
    const { handOvers, world } = await openHandOvers({ ahead: [web], unprepared });
    assert.deepEqual([await handOvers.pending(world), await handOvers.find(world)], [unprepared, unprepared]);
    const leavingSince = new Date(startOfAll).toISOString();
    assert.equal(await handOvers.pending({ ...world, record: recordOf({ leavingSince }) }), null);
    assert.equal(await handOvers.pending({ ...world, containers: [container({ state: 'exited' })] }), null);
  });

  it('is over for a service that stays when it gives up no route any more', async () => {
    const { handOvers, world, woken } = await openHandOvers();
    const stays = { ...world, spec: declared() };
    assert.deepEqual(await handOvers.lent(stays, 'maintain'), routes);
    handOvers.written(shop);
    assert.deepEqual(woken, [web]);
    assert.deepEqual(await handOvers.lent({ ...stays, endpoints: null }, 'maintain'), []);
    handOvers.written(shop);
    assert.deepEqual(woken, [web], 'nobody looks at it for others any more');
  });

  it('is shown to whoever asks, who is not woken for it', async () => {
    const { handOvers, world, woken } = await openHandOvers();
    assert.equal((await handOvers.find(world))?.to, shop);
    handOvers.written(shop);
    assert.deepEqual(woken, []);
  });
});

describe('who is to have the place of a service that is declared no more', () => {
  const { release, image, digest, source, id, startedAt } = rolloutTo('v1');
  const serving = { release, image, digest, source, rollout: id, since: startedAt };
  const port = [{ host: 8080, container: 80 }];
  const left = recordOf({ serving: { ...serving, spec: declared({ proxy: { host: 'web.test', service_port: 80 }, port }) } });
  const fresh = { spec: declared({ service: { name: 'shop' }, port }), record: null };
  const routed = { spec, record: null };
  const another = { spec: declared({ service: { name: 'shop' } }), record: null };
  const made = (state: ObservedContainer['state'], of: ServiceSpec) => {
    return container({ id: 'c2', name: 'shop', state, kedge: { service: shop, digest, release: releaseName(of, digest) } });
  };
  for (const [what, heir, containers, found] of [
    ['is new', fresh, [], { areInPlace: false, areComing: true }],
    ['runs', fresh, [made('running', fresh.spec)], { areInPlace: true, areComing: true }],
    ['runs for its route alone, which both can have', routed, [made('running', spec)], { areInPlace: false, areComing: true }],
    ['was made, and does not run', fresh, [made('created', fresh.spec)], { areInPlace: false, areComing: true }],
    [
      'served elsewhere',
      { ...fresh, record: { serving: { ...serving, spec: declared({ service: { name: 'shop' } }) }, rollout: null } },
      [],
      { areInPlace: false, areComing: true },
    ],
    [
      'runs as what it was before',
      { ...fresh, record: { serving, rollout: null } },
      [made('running', declared({ service: { name: 'shop', command: ['old'] } }))],
      { areInPlace: false, areComing: false },
    ],
    ['is nobody who has another place', another, [made('running', another.spec)], { areInPlace: false, areComing: false }],
  ] as const) {
    it(what, async () => {
      const { handOvers, world } = await openHandOvers({ known: new Map([[shop, heir]]), containers });
      assert.deepEqual(await handOvers.heirs({ ...world, record: left }), found);
    });
  }

  it('is nobody who was there beside what served, before that was stopped', async () => {
    const known = new Map([[shop, { ...fresh, record: { serving: { ...serving, spec: fresh.spec }, rollout: null } }]]);
    const { handOvers, world } = await openHandOvers({ known, containers: [made('running', fresh.spec)] });
    const startedAt = container().startedAt?.getTime() ?? 0;
    const at = async (stoppedAt: number) => {
      const rollout = { ...rolloutTo('v2'), stopsSince: new Date(stoppedAt).toISOString() };
      return await handOvers.heirs({ ...world, record: recordOf({ ...left.value, rollout }) });
    };
    assert.deepEqual(await at(startedAt + 1), { areInPlace: false, areComing: false });
    assert.deepEqual(await at(startedAt), { areInPlace: true, areComing: false });
  });

  it('is who took it after what served was stopped, and nobody who had it before: its record remembers', async () => {
    const had = { serving: { ...serving, spec: fresh.spec } };
    const [stoppedAt, before, after] = [startOfAll - 1_000, startOfAll - 2_000, startOfAll];
    for (const [what, written, areInPlace] of [
      ['had it', [[before, had]], false],
      [
        'took it',
        [
          [before, { serving: null }],
          [after, had],
        ],
        true,
      ],
      [
        'had left it, and took it again',
        [
          [before, { ...had, goneAt: startedAt }],
          [after, had],
        ],
        true,
      ],
      [
        'was about to leave it',
        [
          [before, { ...had, leavingSince: startedAt }],
          [after, had],
        ],
        true,
      ],
    ] as const) {
      const known = new Map([[shop, { ...fresh, record: { ...had, rollout: null } }]]);
      const { handOvers, stores, world, time } = await openHandOvers({ known, containers: [made('running', fresh.spec)] });
      for (const [at, state] of written) {
        time.ms = at;
        await put(stores.releases, serviceKey(node, shop), { ...recordOf(state).value, service: shop });
      }
      const rollout = { ...rolloutTo('v2'), stopsSince: new Date(stoppedAt).toISOString() };
      const found = await handOvers.heirs({ ...world, record: recordOf({ ...left.value, rollout }) });
      assert.deepEqual(found, { areInPlace, areComing: false }, what);
    }
  });

  it('is not coming where it is about to start, unless that gives it no place yet', async () => {
    const { handOvers, world } = await openHandOvers({ known: new Map([[shop, fresh]]), readiness: 'ready' });
    assert.equal((await handOvers.heirs({ ...world, record: left })).areComing, false);
    const beside = await openHandOvers({ known: new Map([[shop, routed]]), readiness: 'ready' });
    assert.equal((await beside.handOvers.heirs({ ...world, record: left })).areComing, true);
  });

  it('is not known while the configuration is being written', async () => {
    const { handOvers, world } = await openHandOvers({ known: new Map([[shop, { spec: null, record: null }]]) });
    await assert.rejects(handOvers.heirs({ ...world, record: left }), { code: 'WORLD_MOVED' });
  });

  it('is nobody where nobody knows what served', async () => {
    const { handOvers, world } = await openHandOvers({ known: new Map([[shop, fresh]]) });
    assert.deepEqual(await handOvers.heirs({ ...world, record: recordOf({ serving }) }), { areInPlace: false, areComing: false });
  });
});
