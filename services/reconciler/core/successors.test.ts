import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { container, declared, rolloutTo, target, service as web } from '../testing/observed.ts';
import { node } from '../testing/simulated-proxies.ts';
import { digestOf } from '../testing/simulation.ts';
import { firstUnprepared, holdsUp, type Readiness, readinessOf, successorsOf, successorWords } from './successors.ts';

const port = [{ host: 8080, container: 80 }];
const volume = [{ source: './data', target: '/data' }];
const proxy = { host: 'web.test', service_port: 80 };
const shop = (more: Record<string, unknown>) => declared({ service: { name: 'shop', restart: 'always' }, ...more });
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
  const once = declared({ service: { name: 'shop', restart: 'no' } });
  const another = shop({ env: { A: '1' } });
  const inTheWay = (code: string) => ({ ...waiting, code });
  const begun = { serving: null, rollout };
  const moves = { ...begun, waiting: inTheWay('PORT_MOVING') };
  const cameBack = {
    serving: { ...servingAs(shop({})), release: releaseName(shop({}), rolloutTo('v1').digest) },
    comingUp: { release: releaseName(shop({}), rolloutTo('v1').digest), since: rollout.startedAt },
  };
  const again = { serving: null, rollout: { ...rollout, attempts: 1 } };
  const onceMoves = { ...moves, rollout: { ...rollout, release: releaseName(once, digestOf('v2')) } };
  const ended = { serving: null, rollout: null, last: failed, pinned };
  for (const [what, coming, answer] of [
    ['is ready when all that it waits for is its port', { record: moves }, 'ready'],
    ['is ready when all that it waits for is its volume', { record: { ...begun, waiting: inTheWay('VOLUME_IN_USE') } }, 'ready'],
    ['is ready when who waits for their place are others', { record: { ...begun, waiting: inTheWay('DEPENDENCY_PENDING') } }, 'ready'],
    ['is ready when it waits for nothing, and is made', { record: begun, isMade: true }, 'ready'],
    ['comes while nothing of it is made', { record: begun }, 'coming'],
    ['comes while its image is pulled', { record: moves, hasImage: false }, 'coming'],
    ['comes while its image is barred from before', { record: moves, isJudged: true }, 'coming'],
    ['comes while somebody holds it up', { record: moves, isHeldUp: true }, 'coming'],
    ['comes while a stranger has its port', { record: { ...begun, waiting: inTheWay('PORT_TAKEN') }, isMade: true }, 'coming'],
    ['comes while a stranger has its name', { record: { ...begun, waiting: inTheWay('NAME_TAKEN') } }, 'coming'],
    ['comes while it has not begun', { record: null }, 'coming'],
    ['comes while its image is not known', { record: { serving: null, rollout: null, waiting } }, 'coming'],
    ['comes while something else of it serves', { record: { serving: servingAs(shop({ port })), rollout: null } }, 'coming'],
    ['comes while something else of it is rolled out', { spec: another, record: moves }, 'coming'],
    ['comes when something else of it failed', { spec: another, record: ended }, 'coming'],
    ['comes while it is being written', { spec: null, record: null }, 'coming'],
    [
      'is ready when it comes up as what it was',
      { spec: shop({ gate: [{ type: 'tcp', port: 80 }] }), record: { ...cameBack, rollout: null } },
      'ready',
    ],
    [
      'comes when what it comes up as cannot be had',
      { record: { ...cameBack, rollout: null, waiting: inTheWay('REGISTRY_UNREACHABLE') }, isMade: true },
      'coming',
    ],
    ['comes when it comes up, and its image is gone', { record: { ...cameBack, rollout: null }, hasImage: false }, 'coming'],
    ['is ready when it comes up, and is made', { record: { ...cameBack, rollout: null }, hasImage: false, isMade: true }, 'ready'],
    [
      'is ready when it comes up, and waits for its place',
      { record: { ...cameBack, rollout: null, waiting: inTheWay('PORT_MOVING') } },
      'ready',
    ],
    ['comes when it comes up, and somebody else holds it up', { record: { ...cameBack, rollout: null }, isHeldUp: true }, 'coming'],
    ['is ready when it is there', { record: { serving: servingAs(shop({})), rollout: null } }, 'ready'],
    ['is nobody to wait for where a schedule starts it', { spec: job, record: null }, 'apart'],
    ['is nobody to wait for where somebody starts it', { spec: triggered, record: null }, 'apart'],
    ['is nobody to wait for where it failed for good', { record: ended }, 'apart'],
    ['replaces nobody where it could not start before', { record: again }, 'apart'],
    ['replaces nobody where it is meant to end', { spec: once, record: onceMoves }, 'apart'],
  ] as const) {
    it(what, () =>
      assert.equal(readinessOf({ spec: shop({}), hasImage: true, isMade: false, isJudged: false, isHeldUp: false, ...coming }), answer),
    );
  }

  for (const [what, coming, answer] of [
    ['waits for its place', { record: moves }, false],
    [
      'somebody started, and that waits for its place',
      { spec: triggered, record: { serving: null, rollout: null, waiting: inTheWay('VOLUME_IN_USE') } },
      false,
    ],
    ['somebody has to start', { spec: triggered, record: null }, true],
    ['has no image', { record: moves, hasImage: false }, true],
    ['has one that is barred from before', { record: moves, isJudged: true }, true],
    ['does not begin', { record: null }, true],
    ['is there, and is not what others wait for', { record: { serving: servingAs(shop({})), rollout: null } }, true],
    ['could not start before', { record: { ...again, waiting: inTheWay('PORT_MOVING') } }, true],
  ] as const) {
    it(`${answer ? 'is held up' : 'is not held up'} by one that ${what}`, () =>
      assert.equal(holdsUp({ spec: shop({}), hasImage: true, isMade: false, isJudged: false, ...coming }), answer));
  }
});

describe('what leaves', () => {
  const found = [
    { service: 'shop', needed: ['data', 'its route a/'] },
    { service: 'work', needed: ['data'] },
  ];
  const first = (ready: readonly string[], others: Readiness = 'coming') =>
    firstUnprepared(found, (service) => (ready.includes(service) ? 'ready' : others))?.service ?? null;
  it('waits for who takes over what nobody else does', () => assert.equal(first(['work']), 'shop'));
  it('waits for nobody where another one takes over the same', () => assert.equal(first(['shop']), null));
  it('waits for the first where nobody is ready', () => assert.equal(first([]), 'shop'));
  it('waits for nobody who does not come by himself', () => assert.equal(first([], 'apart'), null));
  it('waits for who comes although one that does not is to have the same', () =>
    assert.equal(firstUnprepared(found, (service) => (service === 'shop' ? 'apart' : 'coming'))?.service, 'work'));
});
