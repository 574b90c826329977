import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseName, ServiceName } from '@kedge/shared/contracts';
import type { Declared } from './core/still-written.ts';
import { createSuccessorFinder } from './find-successors.ts';
import type { ObservedContainer } from './ports.ts';
import { container, declared, rolloutTo } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { worldOf } from './testing/world.ts';

const data = { volume: [{ source: 'data', target: '/data' }] };
const shop = declared({ service: { name: 'shop', restart: 'always' }, ...data });
const rollout = { ...rolloutTo('v2'), release: releaseName(shop, digestOf('v2')) };
const waiting = { code: 'IMAGE_UNRESOLVED', message: 'nobody has it', since: rollout.startedAt, retryAt: rollout.startedAt, failures: 1 };
const moves = { serving: null, rollout, waiting: { ...waiting, code: 'VOLUME_IN_USE', message: 'web has it' } };

const name = `docker.io/library/app@${rollout.digest}`;

interface Around {
  readonly images?: readonly string[];
  /** Whom the shop waits for beside web. */
  readonly others?: Readonly<Record<string, Declared>>;
  readonly containers?: readonly ObservedContainer[];
}

/** A finder about web, which writes to `data` and is declared no more, and a shop that takes that over. */
function finder(coming: Declared, { images = [name], others = {}, containers = [] }: Around = {}) {
  const held = [{ container: 'c1', name: 'web', owner: { node, service: 'web' }, source: 'data' }];
  const writing = { node, held, declared: new Map([['shop', coming], ...Object.entries(others)]), configFolder: '/config' };
  const image = async (reference: string) =>
    images.includes(reference) ? { id: digestOf('v2'), repoDigests: [], exposed: [], hasHealthcheck: false } : null;
  return createSuccessorFinder({
    engine: { published: async () => [], image },
    moves: {
      situation: async () => ({
        writing,
        containers,
        aheadOf: () => new Set(['web']),
        missedBy: () => new Set(['web', ...Object.keys(others)]),
      }),
    },
  });
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
    it(`is waited for while ${what}`, async () =>
      assert.deepEqual(await finder(coming).unprepared(worldOf()), { to: 'shop', reason, isUnsaid: true }));
  }

  it('is waited for until the engine has its image', async () => {
    const coming = { spec: shop, record: moves };
    assert.equal((await finder(coming, { images: [] }).unprepared(worldOf()))?.to, 'shop');
    assert.equal(await finder(coming).unprepared(worldOf()), null);
  });

  it('is waited for until it says what it waits for, or what it starts is made', async () => {
    const coming = { spec: shop, record: { serving: null, rollout } };
    assert.equal((await finder(coming).unprepared(worldOf()))?.to, 'shop');
    const made = container({ id: 's1', kedge: { node, service: ServiceName.parse('shop'), release: rollout.release } });
    assert.equal(await finder(coming, { containers: [made] }).unprepared(worldOf()), null);
    const older = container({ id: 's1', kedge: { node, service: ServiceName.parse('shop') } });
    assert.equal((await finder(coming, { containers: [older] }).unprepared(worldOf()))?.to, 'shop');
  });

  it('is waited for while somebody whom it waits for, too, is not about to start', async () => {
    const coming = { spec: shop, record: moves };
    const reasonBeside = async (store: Declared['record']) =>
      (await finder(coming, { others: { store: { spec: shop, record: store } } }).unprepared(worldOf()))?.reason;
    assert.match((await reasonBeside(null)) ?? '', /^shop takes over data when .*; it waits for store$/);
    assert.match((await reasonBeside({ serving: null, rollout: null, waiting })) ?? '', /; store does not move: nobody has it$/);
    assert.equal(await finder(coming, { others: { store: { spec: shop, record: moves } } }).unprepared(worldOf()), null);
  });

  it('is told in a sentence', async () => {
    const [told = ''] = await finder({ spec: shop, record: null }).words(worldOf());
    assert.match(told, /^shop can only start when it is gone, and takes over data: /);
  });
});
