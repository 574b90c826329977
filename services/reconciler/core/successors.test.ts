import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { container, declared, rolloutTo, target, service as web } from '../testing/observed.ts';
import { node } from '../testing/simulated-proxies.ts';
import { digestOf } from '../testing/simulation.ts';
import { firstUnprepared, isPrepared, successorsOf, successorWords } from './successors.ts';

const port = [{ host: 8080, container: 80 }];
const volume = [{ source: './data', target: '/data' }];
const proxy = { host: 'web.test', service_port: 80 };
const shop = (more: Record<string, unknown>) => declared({ service: { name: 'shop' }, ...more });
const recreated = { service: { name: 'shop', strategy: 'recreate' }, proxy };

/** What the record says of what serves. */
function servingAs(spec: ServiceSpec) {
  const { release, image, digest, source, id } = rolloutTo('v1');
  return { release, image, digest, source, rollout: id, since: '2026-01-01T00:00:00.000Z', spec };
}

interface Situation {
  /** What the heir served with until now. */
  readonly before?: ServiceSpec;
  /** What the service that leaves served with. */
  readonly left?: ServiceSpec;
  /** The heir waits for it by others. */
  readonly waits?: boolean;
}

/** What is told of a service that has a port, a volume and a route, and is declared no more. */
function words(spec: ServiceSpec, { before, left = declared({ port, volume, proxy }), waits = false }: Situation = {}): readonly string[] {
  const { id, name } = container();
  const held = [{ container: id, name, owner: { node, service: web }, source: '/etc/kedge/data' }];
  const record = before ? { serving: servingAs(before), rollout: null } : null;
  const leaving = {
    service: web,
    record: { serving: servingAs(left) },
    endpoints: { node, service: web, routes: [{ host: 'web.test', path: '/' }], targets: [target(id)] },
    ports: [{ host: 8080, protocol: 'tcp', hostIp: '0.0.0.0' }] as const,
  };
  const writing = { node, held, declared: new Map([['shop', { spec, record }]]), configFolder: '/etc/kedge' };
  const aheadOf = () => new Set(waits || isDirect(spec, before) ? [String(web)] : []);
  return successorsOf(leaving, { writing, aheadOf }).map(successorWords);
}

/** It needs a place that the other one has. */
function isDirect({ port: ports = [], volume: volumes = [] }: ServiceSpec, before: ServiceSpec | undefined): boolean {
  return ports.some(({ host }) => host === 8080) || (before === undefined && volumes.some(({ readonly }) => !readonly));
}

const why = (what: string) => [`shop can only start when it is gone, and takes over ${what}: if shop does not start, nobody has that`];

describe('who can only start when another service is gone', () => {
  for (const [what, found, expected] of [
    ['by a port of the host', words(shop({ port })), why('port 8080 of the host')],
    ['by a place to write to', words(shop({ volume })), why('/etc/kedge/data')],
    ['by both, with its route', words(shop({ port, volume, proxy })), why('port 8080 of the host, /etc/kedge/data, its route web.test/')],
    ['by its route where nothing of it may run beside another', words(declared(recreated)), why('its route web.test/')],
    [
      'by its route where nothing may run beside what leaves',
      words(shop({ proxy }), { left: declared({ service: { strategy: 'recreate' }, proxy }) }),
      why('its route web.test/'),
    ],
    ['by its route where it waits for it by others', words(shop({ proxy }), { waits: true }), why('its route web.test/')],
    ['not by a route that it takes over while the other one serves', words(shop({ proxy })), []],
    ['not by a place that both wrote to all the time', words(shop({ volume }), { before: shop({ volume }) }), []],
    ['not by what is only read', words(shop({ volume: [{ source: './data', target: '/data', readonly: true }] })), []],
    ['not by something else', words(shop({ port: [{ host: 8081, container: 80 }] })), []],
  ] as const) {
    it(`is told ${what}`, () => assert.deepEqual(found, expected));
  }
});

describe('a successor', () => {
  const rollout = { ...rolloutTo('v2'), release: releaseName(shop({}), digestOf('v2')) };
  const waiting = { code: 'IMAGE_UNRESOLVED', message: '', since: rollout.startedAt, retryAt: rollout.startedAt, failures: 1 };
  const { image, digest, source } = rollout;
  const pinned = { image, digest, source };
  const failed = {
    rollout: rollout.id,
    release: rollout.release,
    outcome: 'failed',
    reason: '',
    startedAt: rollout.startedAt,
    finishedAt: rollout.startedAt,
  } as const;
  const job = shop({ dispenser: { watch: true, cron: '0 3 * * *' } });
  const triggered = shop({ dispenser: { watch: true, initialize: 'on-trigger' } });
  for (const [what, coming, answer] of [
    ['is prepared when its image is there', { record: { serving: null, rollout } }, true],
    ['is not while that is pulled', { record: { serving: null, rollout }, hasImage: false }, false],
    ['is not while it has not begun', { record: null }, false],
    ['is not while its image is not known', { record: { serving: null, rollout: null, waiting } }, false],
    ['is not while something else of it serves', { record: { serving: servingAs(shop({ port })), rollout: null } }, false],
    ['is not waited for when it is there', { record: { serving: servingAs(shop({})), rollout: null } }, true],
    ['is not waited for where a schedule starts it', { spec: job, record: null }, true],
    ['is not waited for where somebody starts it', { spec: triggered, record: null }, true],
    ['is not waited for where it failed for good', { record: { serving: null, rollout: null, last: failed, pinned } }, true],
    ['is not when something else is being rolled out', { spec: shop({ env: { A: '1' } }), record: { serving: null, rollout } }, false],
    [
      'is not when something else failed',
      { spec: shop({ env: { A: '1' } }), record: { serving: null, rollout: null, last: failed, pinned } },
      false,
    ],
    ['is not known while it is being written', { spec: null, record: null }, false],
  ] as const) {
    it(what, () => assert.equal(isPrepared({ spec: shop({}), hasImage: true, ...coming }), answer));
  }
});

describe('what leaves', () => {
  const found = [
    { service: 'shop', needed: ['data', 'its route a/'] },
    { service: 'work', needed: ['data'] },
  ];
  const first = (prepared: readonly string[]) => firstUnprepared(found, (service) => prepared.includes(service))?.service ?? null;
  it('waits for who takes over what nobody else does', () => assert.equal(first(['work']), 'shop'));
  it('waits for nobody where another one takes over the same', () => assert.equal(first(['shop']), null));
  it('waits for the first where nobody is prepared', () => assert.equal(first([]), 'shop'));
});
