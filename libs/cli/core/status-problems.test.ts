import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StatusReply } from '@kedge/shared/contracts';
import { digestB, releaseB, serviceStatus, statusReply, web } from '../testing/samples.ts';
import { attentionOf } from './status-problems.ts';

const at = '2026-03-01T11:59:00.000Z';
const retryAt = '2026-03-01T12:00:30.000Z';

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
    name: 'a rejected configuration',
    status: { config: { revision: 'r1', problem: 'web/service.toml:3:1: unknown key' } },
    what: /web\/service.toml:3:1/,
    advice: /kedge validate/,
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

  it('needs no proxy where nothing is routed', () => {
    assert.deepEqual(attentionOf(statusReply({ proxies: [], services: [serviceStatus({ routes: [] })] })), []);
  });
});
