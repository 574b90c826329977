import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BarRecord, type Digest, releaseName, ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import type { Declared } from './core/still-written.ts';
import { createSuccessorFinder } from './find-successors.ts';
import type { ObservedContainer } from './ports.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, rolloutTo } from './testing/observed.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { worldNow, worldOf } from './testing/world.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const data = { volume: [{ source: 'data', target: '/data' }] };
const shop = declared({ service: { name: 'shop', restart: 'always' }, ...data });
const rollout = { ...rolloutTo('v2'), release: releaseName(shop, digestOf('v2')) };
const waiting = { code: 'IMAGE_UNRESOLVED', message: 'nobody has it', since: rollout.startedAt, retryAt: rollout.startedAt, failures: 1 };
const moves = { serving: null, rollout, waiting: { ...waiting, code: 'VOLUME_IN_USE', message: 'web has it' } };

const name = `docker.io/library/app@${rollout.digest}`;

interface Around {
  readonly bars?: readonly BarRecord[];
  /** By web. */
  readonly served?: Digest;
  readonly images?: readonly string[];
  /** Whom the shop waits for beside web. */
  readonly others?: Readonly<Record<string, Declared>>;
  readonly containers?: readonly ObservedContainer[];
}

/** About web, which writes to `data` and is declared no more, and a shop that takes that over. */
async function finderAbout(
  coming: Declared,
  { images = [name], others = {}, containers = [], bars = [], served = digestOf('v1') }: Around = {},
) {
  const held = [{ container: 'c1', name: 'web', owner: { node, service: 'web' }, source: 'data' }];
  const writing = { node, held, declared: new Map([['shop', coming], ...Object.entries(others)]), configFolder: '/config' };
  const image = async (reference: string) =>
    images.includes(reference) ? { id: digestOf('v2'), repoDigests: [], exposed: [], hasHealthcheck: false } : null;
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  for (const each of bars) await put(stores.bars, serviceKey(node, each.service), each);
  const { id, release, image: of, source } = rolloutTo('v1');
  const serving = { release, image: of, source, digest: served, rollout: id, since: rollout.startedAt };
  await put(stores.releases, serviceKey(node, web), { node, service: web, serving, rollout: null });
  const situation = {
    writing,
    containers,
    aheadOf: () => new Set(['web']),
    missedBy: () => new Set(['web', ...Object.keys(others)]),
  };
  const finder = createSuccessorFinder({
    bus,
    stores,
    engine: { published: async () => [], image },
    moves: { situation: async () => situation },
  });
  return { finder, situation };
}

async function unprepared(coming: Declared, around: Around = {}) {
  const { finder, situation } = await finderAbout(coming, around);
  return await finder.unprepared(worldOf(), situation);
}

describe('who takes over what a service has that is declared no more', () => {
  for (const [what, coming, reason] of [
    ['it has not begun', { spec: shop, record: null }, 'shop takes over data when it is about to start'],
    [
      'its image is not there, with why',
      { spec: shop, record: { serving: null, rollout: null, waiting } },
      'shop takes over data when it is about to start; shop does not move: nobody has it',
    ],
    ['what is declared of it is being written', { spec: null, record: null }, 'what is declared of shop is being written'],
  ] as const) {
    it(`is waited for while ${what}`, async () => assert.deepEqual(await unprepared(coming), { to: 'shop', reason, isUnsaid: true }));
  }

  it('is waited for until the engine has its image', async () => {
    const coming = { spec: shop, record: moves };
    assert.equal((await unprepared(coming, { images: [] }))?.to, 'shop');
    assert.equal(await unprepared(coming), null);
  });

  it('is waited for until it says what it waits for, or what it starts is made', async () => {
    const coming = { spec: shop, record: { serving: null, rollout } };
    assert.equal((await unprepared(coming))?.to, 'shop');
    const made = container({ id: 's1', kedge: { node, service: ServiceName.parse('shop'), release: rollout.release } });
    assert.equal(await unprepared(coming, { containers: [made] }), null);
    const older = container({ id: 's1', kedge: { node, service: ServiceName.parse('shop') } });
    assert.equal((await unprepared(coming, { containers: [older] }))?.to, 'shop');
  });

  it('is waited for while somebody whom it waits for, too, is not about to start', async () => {
    const coming = { spec: shop, record: moves };
    const reasonBeside = async (store: Declared['record']) =>
      (await unprepared(coming, { others: { store: { spec: shop, record: store } } }))?.reason;
    assert.match((await reasonBeside(null)) ?? '', /^shop takes over data when .*; it waits for store$/);
    assert.match((await reasonBeside({ serving: null, rollout: null, waiting })) ?? '', /; store does not move: nobody has it$/);
    assert.equal(await unprepared(coming, { others: { store: { spec: shop, record: moves } } }), null);
  });

  it('is waited for while its image is barred from when it was web, and takes over with another one, or that which web serves', async () => {
    const before = { ...shop, service: { ...shop.service, name: web } };
    const barred = (spec: ServiceSpec, version: string): BarRecord => {
      const [release, digest] = [releaseName(spec, digestOf(version)), digestOf(version)];
      const bar = { release, digest, reason: 'gate-failed', message: 'no answer', rollout: rollout.id, at: rollout.startedAt } as const;
      return { node, service: web, bars: [bar] };
    };
    const coming = { spec: shop, record: moves };
    assert.deepEqual(await unprepared(coming, { bars: [barred(before, 'v2')] }), {
      to: 'shop',
      reason: 'shop takes over data when it is about to start; the image of shop was barred when it was web (no answer)',
      isUnsaid: true,
    });
    assert.equal(await unprepared(coming, { bars: [barred(before, 'v1')] }), null);
    const asOther = [barred({ ...before, env: { A: 'b' } }, 'v2')];
    assert.equal((await unprepared(coming, { bars: asOther }))?.to, 'shop');
    assert.equal(await unprepared(coming, { bars: asOther, served: digestOf('v2') }), null);
    const store = ServiceName.parse('store');
    const redeclared = { ...barred({ ...before, service: { ...before.service, name: store } }, 'v2'), service: store };
    assert.equal(await unprepared(coming, { bars: [redeclared], others: { store: { spec: shop, record: moves } } }), null);
  });

  it('is told in a sentence', async () => {
    const [told = ''] = await (await finderAbout({ spec: shop, record: null })).finder.words(worldOf());
    assert.match(told, /^shop can only start when it is gone, and takes over data: /);
  });
});
