import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, type ServiceStatus, type StatusReply } from '@kedge/shared/contracts';
import { digestA, digestB, releaseB, serviceStatus, statusReply, web } from '../testing/samples.ts';
import { attentionOf } from './status-problems.ts';

const at = '2026-03-01T11:59:00.000Z';
const retryAt = '2026-03-01T12:00:30.000Z';
const away = { code: 'REGISTRY_UNREACHABLE', message: 'no route', since: at };

const cases: readonly {
  readonly name: string;
  readonly status: Partial<StatusReply>;
  readonly what: RegExp;
  readonly advice: RegExp | null;
}[] = [
  {
    name: 'an engine that does not answer',
    status: { engine: { reachable: false, message: 'ECONNREFUSED' } },
    what: /engine does not answer: ECONNREFUSED/,
    advice: /keep running/,
  },
  {
    name: 'everything down',
    status: { down: { since: at, actor: 'ann', reason: 'maintenance' }, services: [serviceStatus({ phase: 'stopped' })] },
    what: /everything was taken down by ann: maintenance/,
    advice: /kedge up/,
  },
  {
    name: 'a bus that takes no writes, and not the proxies that cannot write that they live',
    status: { bus: { problem: 'the bus takes no writes', since: at }, proxies: [{ instance: 'p1', state: 'silent', heartbeatAt: at }] },
    what: /takes no writes/,
    advice: /make room/,
  },
  {
    name: 'a proxy that is switched off, and not that it is silent',
    status: {
      doors: { enabled: false, strategy: 'both' },
      proxies: [{ instance: 'p1', state: 'silent', heartbeatAt: at }],
      services: [serviceStatus({ routes: ['web.test/'] })],
    },
    what: /switched off, so nobody serves web\.test\//,
    advice: /enabled = false/,
  },
  {
    name: 'a rejected configuration',
    status: { config: { revision: 'r1', problem: 'web/service.toml:3:1: unknown key' } },
    what: /web\/service.toml:3:1/,
    advice: /^"kedge validate" shows everything that is wrong, and where$/,
  },
  {
    name: 'a configuration that is held',
    status: { config: { revision: 'r1', problem: 'a configuration waits for "kedge apply": it would remove web', state: 'held' } },
    what: /it would remove web/,
    advice: /^"kedge apply" shows what it would remove, and asks$/,
  },
  {
    name: 'that there is no configuration',
    status: { config: { revision: null, problem: null } },
    what: /no configuration is in force/,
    advice: /kedge validate/,
  },
  {
    name: 'a silent proxy',
    status: {
      proxies: [
        { instance: 'p1', state: 'live', heartbeatAt: at },
        { instance: 'p2', state: 'silent', heartbeatAt: at },
      ],
    },
    what: /proxy p2 is silent/,
    advice: /its log/,
  },
  {
    name: 'so many of the routes that nobody serves as somebody reads',
    status: {
      proxies: [{ instance: 'p1', state: 'gone', heartbeatAt: at }],
      services: [serviceStatus({ routes: Array.from({ length: 500 }, (_, nth) => `s${nth}.test/`) })],
    },
    what: /nobody serves s0\.test\/, .*, s7\.test\/ and 492 more$/,
    advice: /docker compose up/,
  },
  {
    name: 'routes that nobody serves',
    status: { proxies: [{ instance: 'p1', state: 'gone', heartbeatAt: at }] },
    what: /nobody serves hello.example.com/,
    advice: /docker compose up/,
  },
  {
    name: 'a foreign container',
    status: { foreign: [{ service: web, container: 'web' }] },
    what: /not Kedge's/,
    advice: /docker rm -f web/,
  },
  {
    name: 'a network that cannot change',
    status: { networks: [{ name: 'back', code: 'NETWORK_IN_USE', message: 'internal false → true; but stranger is on it' }] },
    what: /network back stays as it is: .* stranger is on it \(NETWORK_IN_USE\)/,
    advice: /off it/,
  },
  {
    name: 'a network that the engine does not make',
    status: {
      networks: [{ name: 'wide', code: 'ENGINE_REFUSED', message: 'the engine does not make it: This node is not a swarm manager.' }],
    },
    what: /^network wide is not as declared: the engine does not make it: This node is not a swarm manager. \(ENGINE_REFUSED\)$/,
    advice: /declare it otherwise, or mend the engine: it is tried again by itself/,
  },
  {
    name: 'an external network that is missing',
    status: { networks: [{ name: 'out', code: 'NETWORK_MISSING', message: 'external network out does not exist; make it' }] },
    what: /^external network out does not exist; make it \(NETWORK_MISSING\)$/,
    advice: /take it out of the main file/,
  },
  {
    name: 'a service that failed',
    status: { services: [serviceStatus({ phase: 'failed', reason: 'exit 1' })] },
    what: /web failed: exit 1/,
    advice: /kedge logs web/,
  },
  {
    name: 'a barred release',
    status: { services: [serviceStatus({ barred: [{ release: releaseB, digest: digestB, message: 'gate http: 500' }] })] },
    what: /web: bbbbbbbbbbbb is barred: gate http: 500/,
    advice: /kedge clear web/,
  },
  {
    name: 'a configuration that is barred with the image that serves',
    status: { services: [serviceStatus({ barred: [{ release: releaseB, digest: digestA, message: 'exit code 4' }] })] },
    what: /^web: its new configuration is barred \(the image is the same, aaaaaaaaaaaa\): exit code 4$/,
    advice: /^mend its service\.toml and what that names, or "kedge clear web" to try it again as it is$/,
  },
  {
    name: 'a service that waits',
    status: {
      services: [
        serviceStatus({
          phase: 'waiting',
          waiting: { code: 'REGISTRY_UNREACHABLE', message: 'no route', since: at, retryAt, failures: 2 },
        }),
      ],
    },
    what: /web waits: no route \(REGISTRY_UNREACHABLE\)/,
    advice: null,
  },
  {
    name: 'a registry that does not answer',
    status: { services: [serviceStatus({ registry: { ...away, state: 'unreachable' } })] },
    what: /^web: its registry cannot be asked: no route \(REGISTRY_UNREACHABLE\)$/,
    advice: /kedge check web/,
  },
  {
    name: 'an image that its registry no longer has',
    status: { services: [serviceStatus({ registry: { state: 'absent', code: 'IMAGE_ABSENT', message: 'no hello:1' } })] },
    what: /^web: its registry has no such image: no hello:1 \(IMAGE_ABSENT\)$/,
    advice: /push it/,
  },
  {
    name: 'a registry that is the obstacle itself',
    status: {
      services: [
        serviceStatus({
          phase: 'waiting',
          waiting: { code: away.code, message: away.message, since: at, retryAt, failures: 2 },
          registry: { ...away, state: 'unreachable' },
        }),
      ],
    },
    what: /web waits: no route \(REGISTRY_UNREACHABLE\)/,
    advice: null,
  },
  {
    name: 'a first start that failed and is tried again',
    status: {
      services: [
        serviceStatus({
          phase: 'failed',
          reason: 'exit 1 (tried 2 times)',
          waiting: { code: 'START_FAILED', message: 'exit 1', since: at, retryAt, failures: 2 },
        }),
      ],
    },
    what: /^web failed: exit 1 \(START_FAILED\)$/,
    advice: /kedge logs web/,
  },
  {
    name: 'an image that nobody has',
    status: {
      services: [
        serviceStatus({
          phase: 'waiting',
          source: null,
          waiting: { code: 'IMAGE_UNRESOLVED', message: 'nobody has it', since: at, retryAt, failures: 2 },
          registry: { ...away, state: 'absent' },
        }),
      ],
    },
    what: /web waits: nobody has it/,
    advice: null,
  },
];

describe('attentionOf', () => {
  it('finds nothing where all is well', () => assert.deepEqual(attentionOf(statusReply()), []));

  for (const { name, status, what, advice } of cases) {
    it(`tells ${name}, once, with what to do`, () => {
      const [first, ...others] = attentionOf(statusReply(status));
      assert.match(first?.what ?? '', what);
      if (advice) assert.match(first?.advice ?? '', advice);
      assert.deepEqual(others, []);
    });
  }

  it('says when a waiting service is tried again', () => {
    const waiting = { code: 'X', message: 'y', since: at, retryAt, failures: 1 };
    assert.equal(attentionOf(statusReply({ services: [serviceStatus({ waiting })] }))[0]?.retryAt, retryAt);
  });

  it('does not tell a failed service twice when the bar explains it', () => {
    const barred = [{ release: releaseB, digest: digestB, message: 'crashed' }];
    assert.equal(attentionOf(statusReply({ services: [serviceStatus({ phase: 'failed', barred })] })).length, 1);
  });

  it('says since when a registry is away', () => {
    const registry = { ...away, state: 'unreachable' as const };
    assert.equal(attentionOf(statusReply({ services: [serviceStatus({ registry })] }))[0]?.since, at);
  });

  it('tells once what a registry says of several images, since it first did', () => {
    const registry = (since: string) => ({ ...away, state: 'unreachable' as const, since });
    const earliest = '2026-01-01T00:00:00.000Z';
    const names = ['s1', 's2', 's3', 's4', 's5'].map((name) => ServiceName.parse(name));
    const services = names.map((service, index) => serviceStatus({ service, registry: registry(index === 2 ? earliest : at) }));
    const [first, ...others] = attentionOf(statusReply({ services }));
    assert.match(first?.what ?? '', /^s1, s2, s3 and 2 more: their registry cannot be asked: no route/);
    assert.equal(first?.since, earliest);
    assert.deepEqual(others, []);
  });

  it("does not mind that no registry has the engine's own image", () => {
    const local = serviceStatus({ source: 'local', registry: { ...away, state: 'absent' } });
    assert.deepEqual(attentionOf(statusReply({ services: [local] })), []);
  });

  it('does not mind a bar of the past', () => {
    const bar = { release: releaseB, digest: digestB, message: 'crashed' };
    const of = (wanted: boolean) => attentionOf(statusReply({ services: [serviceStatus({ barred: [{ ...bar, wanted }] })] })).length;
    assert.deepEqual([of(false), of(true)], [0, 1]);
  });

  it('tells a failure that no standing bar explains', () => {
    const barred = [{ release: releaseB, digest: digestB, message: 'crashed', wanted: false }];
    const [first, ...others] = attentionOf(statusReply({ services: [serviceStatus({ phase: 'failed', reason: 'exit 1', barred })] }));
    assert.equal(first?.what, 'web failed: exit 1');
    assert.deepEqual(others, []);
  });

  describe('of a removal that waits for another service', () => {
    const front = ServiceName.parse('front');
    const handsOverTo = { service: front, reason: 'its route web.test/ moves to front when that serves' };
    const beside = (heir: Partial<ServiceStatus>) =>
      attentionOf(
        statusReply({ services: [serviceStatus({ service: front, ...heir }), serviceStatus({ phase: 'removing', handsOverTo })] }),
      ).filter(({ what }) => what.startsWith('web '));
    const waiting = { code: 'PORT_TAKEN', message: 'port 80 is taken', since: at, retryAt, failures: 2 };
    const barred = [{ release: releaseB, digest: digestB, message: 'crashed' }];

    it('says nothing while that one comes by itself', () => {
      for (const phase of ['rolling', 'serving', 'waiting'] as const) assert.deepEqual(beside({ phase }), []);
    });

    it('says what it waits for, and what to do about that', () => {
      const what = 'web is declared no more and serves on: its route web.test/ moves to front when that serves';
      const orBack = 'or give the old name back: declare web again';
      const cases: readonly (readonly [Partial<ServiceStatus>, string])[] = [
        [{ phase: 'failed' }, 'push a better image for front'],
        [{ phase: 'waiting', barred }, 'push a better image for front'],
        [{ phase: 'waiting', waiting }, 'clear what stands in the way of front'],
      ];
      for (const [heir, cure] of cases) assert.deepEqual(beside(heir), [{ what, advice: `${cure}, ${orBack}` }]);
    });
  });

  it('needs no proxy where nothing is routed', () => {
    assert.deepEqual(attentionOf(statusReply({ proxies: [], services: [serviceStatus({ routes: [] })] })), []);
  });
});
