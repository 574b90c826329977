import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BarRecord, type ImageEntry, ImageReference, type ReleaseRecord } from '@kedge/shared/contracts';
import { container, declared, releaseOf, service, target } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { describeService } from './status.ts';

const at = '2026-01-01T00:00:00.000Z';
const id = '01JZ0000000000000000000000';
const ref = { release: releaseOf('v1'), image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const serving = { ...ref, since: at, rollout: id };
const record: ReleaseRecord = { node: 'local' as ReleaseRecord['node'], service, serving, rollout: null };
const rollout = {
  ...ref,
  release: releaseOf('v2'),
  id,
  cause: 'image-updated' as const,
  startedAt: at,
  from: null,
  strategy: 'start-first' as const,
  strategyReason: '',
  step: 'switched',
};
const waiting = { code: 'REGISTRY_ERROR', message: 'the registry is away', since: at, retryAt: at, failures: 3 };
const bar: BarRecord['bars'][number] = {
  release: releaseOf('v2'),
  digest: digestOf('v2'),
  reason: 'crashed',
  message: 'it crashed',
  rollout: id,
  at,
};
const endpoints = { node: record.node, service, routes: [{ host: 'a.b', path: '/x' }], targets: [target('c1')] };
const proxied = declared({ proxy: { host: 'a.b', service_port: 80 } });
const job = declared({ dispenser: { watch: true, cron: '* * * * *', initialize: 'on-trigger' } });
const base = {
  service,
  spec: declared(),
  down: null,
  record,
  bars: [],
  desired: ref.release,
  endpoints: null,
  containers: [container()],
  isKnown: true,
  hasForeign: false,
  handOver: null,
  image: null,
  schedule: null,
  awaited: null,
  unresolved: null,
  isDetailed: false,
  now: Date.parse(at),
};
const scheduled = declared({ dispenser: { watch: true, cron: '* * * * *' } });
const ended = { rollout: id, release: ref.release, startedAt: at, finishedAt: at };
const failed = { ...ended, outcome: 'failed' as const, reason: 'it ended with code 3' };
const succeeded = { ...ended, outcome: 'succeeded' as const, reason: 'requested' };
const exited = (exitCode: number) => [container({ state: 'exited', exitCode })];

function phase(changes: Partial<Parameters<typeof describeService>[0]>): string {
  const { phase: of, reason, replicas } = describeService({ ...base, ...changes });
  return `${of} ${replicas.ready}/${replicas.wanted}: ${reason}`;
}

describe('describeService', () => {
  const table: readonly (readonly [string, Parameters<typeof phase>[0], RegExp])[] = [
    ['leaves alone what nobody remembers', { spec: null, record: null, isKnown: false }, /^waiting 0\/0: .* never heard of it/],
    ['serves', {}, /^serving 1\/1: all is as declared/],
    [
      'says that the store was lost',
      { record: { ...record, last: undefined, serving: { ...serving, takenOverAt: '2026-01-01T00:00:00.000Z' } } },
      /^serving 1\/1: .* taken over at 2026-01-01T00:00:00.000Z .*history, bars and holds are gone/,
    ],
    [
      'does not count a container that gets no requests',
      { spec: proxied, endpoints: { ...endpoints, targets: [] } },
      /^waiting 0\/1: 0 of 1/,
    ],
    ['counts one that gets requests', { spec: proxied, endpoints }, /^serving 1\/1/],
    ['serves with fewer than wanted', { spec: declared({ service: { replicas: 2 } }) }, /^serving 1\/2: 1 of 2/],
    ['is rolling', { record: { ...record, rollout } }, /^rolling 1\/1: to [0-9a-f]{12}: image-updated, switched/],
    [
      'is rolling, and has nothing of the new release yet',
      { record: { ...record, rollout: { ...rollout, step: 'begin' } } },
      /^rolling 1\/1: to [0-9a-f]{12}: image-updated, pulling its image or making its container$/,
    ],
    [
      'says what the new containers are waited for, and until when',
      {
        record: { ...record, rollout: { ...rollout, step: 'begin' } },
        awaited: { words: 'waits up to 30 s for x', until: Date.parse(at) + 1 },
      },
      /: image-updated, starting: waits up to 30 s for x$/,
    ],
    [
      'says nothing of a wait that is over',
      { record: { ...record, rollout }, awaited: { words: 'waits up to 30 s for x', until: Date.parse(at) } },
      /: image-updated, switched$/,
    ],
    [
      'has moved to the new release while the old one leaves',
      {
        spec: proxied,
        record: { ...record, rollout },
        endpoints: { ...endpoints, targets: [target('c1', { state: 'draining' }), target('c2')] },
        containers: [container(), container({ id: 'c2', kedge: { release: releaseOf('v2') } })],
      },
      /^rolling 1\/1/,
    ],
    ['waits for an obstacle', { record: { ...record, rollout, waiting } }, /^waiting .*the registry is away \(tried 3 times\)/],
    [
      'failed to start',
      { record: { ...record, serving: null, rollout, waiting: { ...waiting, code: 'START_FAILED' } }, containers: [] },
      /^failed/,
    ],
    [
      'says that the newest release of what runs once is barred, though an older one completed',
      { bars: [bar], desired: releaseOf('v2'), containers: exited(0) },
      /^completed 0\/1: the older release ended with code 0; the newest release is barred: it crashed/,
    ],
    ['says that the newest release is barred', { bars: [bar], desired: releaseOf('v2') }, /^serving .*older release serves.*it crashed/],
    [
      'says which rules and routes wait for the barred release',
      {
        bars: [bar],
        desired: releaseOf('v2'),
        spec: declared({ ruled_proxy: { host: 'a.b', hosts: ['a.b', 'b.b'], path: '/x', service_port: 81, maintenance: true } }),
        endpoints,
      },
      /it crashed; declared in \[proxy\], and in force only with the newer release: service_port 81, the rules of a\.b\/x, b\.b\/x$/,
    ],
    [
      'says which wait behind an obstacle',
      { record: { ...record, rollout, waiting }, desired: releaseOf('v2'), spec: proxied, endpoints },
      /\(tried 3 times\); declared in \[proxy\], and in force only with the newer release: a\.b\/$/,
    ],
    [
      'says that routes are served which are declared no more',
      { bars: [bar], desired: releaseOf('v2'), endpoints },
      /with the newer release: the end of its routes$/,
    ],
    [
      'says nothing of routes that are in force',
      {
        bars: [bar],
        desired: releaseOf('v2'),
        spec: declared({ ruled_proxy: { host: 'a.b', path: '/x', service_port: 80, maintenance: true } }),
        endpoints: { ...endpoints, routes: [], ruled: [{ places: endpoints.routes, rules: { maintenance: { status: 503 } } }] },
      },
      /it crashed$/,
    ],
    [
      'says nothing of routes while they are on their way',
      { record: { ...record, rollout }, spec: proxied, endpoints, desired: releaseOf('v2') },
      /switched$/,
    ],
    ['does not speak of an old bar', { bars: [bar] }, /^serving 1\/1: all is as declared/],
    ['completed', { containers: exited(0) }, /^completed 0\/1: it ended with code 0/],
    [
      'failed, and says what starts it',
      { containers: exited(2) },
      /^failed 0\/1: it ended with code 2; with restart = "no" it is not started again by itself: "kedge deploy web" or a change starts it$/,
    ],
    [
      'failed before it served, and says what starts it',
      { record: { ...record, serving: null, last: failed }, containers: exited(3) },
      /^failed 0\/1: it ended with code 3; with restart = "no" it is not started again by itself: "kedge deploy web" or a change starts it$/,
    ],
    [
      'failed before it served, and its schedule starts it',
      { spec: scheduled, record: { ...record, serving: null, last: failed }, containers: exited(3) },
      /^failed 0\/1: it ended with code 3; its schedule starts it again$/,
    ],
    ['serves, and says nothing of how it came to that', { record: { ...record, last: succeeded } }, /^serving 1\/1: all is as declared$/],
    [
      'serves, and says why the last rollout came to nothing',
      { record: { ...record, last: failed }, desired: releaseOf('v2') },
      /^serving 1\/1: .*ended with code 3$/,
    ],
    ['serves what is wanted, whatever was tried meanwhile', { record: { ...record, last: failed } }, /^serving 1\/1: all is as declared$/],
    [
      'serves what is declared no more, because nobody has what is',
      { unresolved: 'the registry has no image app:typo' },
      /^serving 1\/1: what serves is app:latest, and not what is declared: the registry has no image app:typo$/,
    ],
    [
      'has completed, and nobody has what is declared by now',
      { containers: exited(0), unresolved: 'the registry has no image app:typo' },
      /^completed 0\/1: it ended with code 0; what serves is app:latest, and not what is declared: the registry has no image app:typo$/,
    ],
    [
      'is rolling to what is declared no more',
      { record: { ...record, rollout }, unresolved: 'the registry has no image app:typo' },
      /^rolling .*; what serves is app:latest, and not what is declared: the registry/,
    ],
    ['is stopped', { containers: [] }, /^stopped/],
    [
      'comes up',
      { containers: [], record: { ...record, comingUp: { release: releaseOf('v1'), since: at } } },
      /^waiting 0\/1: it comes up again$/,
    ],
    ['is a job that has not run', { spec: job, record: null, containers: [], schedule: { next: at } }, /^idle .*has not run yet/],
    ['is a job that nobody planned', { spec: job, record: null, containers: [] }, /^idle .*schedule is not planned/],
    ['is a job of the past', { spec: job, record: null, containers: [], schedule: { next: null } }, /^idle .*no instant in the future/],
    ['is a job whose last run was good', { spec: job, containers: exited(0) }, /^idle .*code 0/],
    ['is a job whose last run failed', { spec: job, containers: exited(1) }, /^failed .*code 1/],
    ['is being removed', { spec: null }, /^removing 1\/0: it is declared no more/],
    [
      'waits for what it was before to leave, and tells nothing of routes meanwhile',
      { spec: proxied, record: { ...record, leavingSince: at }, endpoints: { ...endpoints, routes: [], targets: [] } },
      /^waiting 0\/1: it starts as it is declared now when what it was before has left$/,
    ],
    [
      'is being removed when what its last rollout had stopped is back',
      { spec: null, record: { ...record, rollout: { ...rollout, stopsSince: at, step: 'restoring' } } },
      /^removing 1\/0: it is declared no more; what its last rollout had stopped comes back first/,
    ],
    [
      'stays until its route has moved',
      { spec: null, handOver: { to: service, reason: 'its route a.b/ moves to web when that serves' } },
      /^removing .*no more; its route a\.b\/ moves to web/,
    ],
    ['has a foreign container under its name', { record: null, containers: [], hasForeign: true }, /^waiting .*Kedge did not make/],
  ];
  for (const [name, changes, expected] of table) it(name, () => assert.match(phase(changes), expected));

  it('names the service that a removal waits for', () => {
    const handOver = { to: service, reason: 'its route a.b/ moves to web when that serves' };
    assert.deepEqual(describeService({ ...base, spec: null, handOver }).handsOverTo, { service, reason: handOver.reason });
    assert.equal('handsOverTo' in describeService({ ...base, spec: null }), false);
  });

  it('lists routes, bars, the last lines of a failed container and the next run', () => {
    const last = { rollout: id, release: bar.release, outcome: 'failed' as const, reason: 'it crashed', startedAt: at, finishedAt: at };
    const status = describeService({
      ...base,
      spec: proxied,
      record: { ...record, last: { ...last, lastLines: ['no config'] } },
      endpoints,
      bars: [bar],
      schedule: { next: at },
      isDetailed: true,
    });
    assert.deepEqual(status.routes, ['a.b/x']);
    assert.deepEqual(status.barred, [{ release: bar.release, digest: bar.digest, message: bar.message, wanted: false }]);
    assert.deepEqual(status.lastLines, ['no config']);
    assert.equal(status.nextRun, at);
  });

  it('lists no route that another service has taken over', () => {
    assert.deepEqual(describeService({ ...base, spec: null, endpoints, taken: endpoints.routes }).routes, []);
  });

  it('names the ports of the host as the engine lists them', () => {
    const port = [
      { host: 8080, container: 80 },
      { host: 53, container: 5353, protocol: 'udp' as const, host_ip: '127.0.0.1' },
      { host: 8443, container: 443, host_ip: '::1' },
    ];
    const ports = ['8080->80/tcp', '127.0.0.1:53->5353/udp', '[::1]:8443->443/tcp'];
    assert.deepEqual(describeService({ ...base, spec: declared({ port }) }).ports, ports);
    assert.equal('ports' in describeService(base), false);
  });

  it('leaves the last lines away where many services are shown', () => {
    const last = { rollout: id, release: bar.release, outcome: 'failed' as const, reason: 'it crashed', startedAt: at, finishedAt: at };
    assert.equal(describeService({ ...base, record: { ...record, last: { ...last, lastLines: ['no config'] } } }).lastLines, undefined);
  });

  it('says of a bar whether its release is wanted still', () => {
    assert.equal(describeService({ ...base, bars: [bar], desired: bar.release }).barred[0]?.wanted, true);
    assert.equal(describeService({ ...base, bars: [bar], desired: null }).barred[0]?.wanted, false);
  });

  describe('says what the registry has to say', () => {
    const image: ImageEntry = { reference: ImageReference.parse('app:latest'), accepted: null, state: 'present' };
    const trouble = { code: 'REGISTRY_DENIED', message: 'log in first', since: at };
    const registry = (changes: Partial<ImageEntry>, own: Partial<ReleaseRecord> = {}) =>
      describeService({ ...base, record: { ...record, ...own }, image: { ...image, ...changes } }).registry;

    it('nothing while it answers', () => assert.equal(registry({}), undefined));
    it('why and since when it cannot be asked', () =>
      assert.deepEqual(registry({ state: 'unreachable', trouble }), { state: 'unreachable', ...trouble }));
    it('that it has no such image', () => assert.equal(registry({ state: 'absent' })?.state, 'absent'));
    it('that it has no such image, and that it denied access where it did', () =>
      assert.equal(registry({ state: 'absent', trouble })?.message, `the registry has no image ${image.reference} (${trouble.message})`));
    it('nothing of an image that the engine built itself', () =>
      assert.equal(registry({ state: 'absent' }, { serving: { ...serving, source: 'local' } }), undefined));
  });

  it('never tells a next try that has passed', () => {
    const retryAt = (code: string) =>
      describeService({ ...base, now: base.now + 60_000, record: { ...record, waiting: { ...waiting, code } } });
    assert.equal(retryAt('REGISTRY_ERROR').waiting?.retryAt, '2026-01-01T00:01:00.000Z');
    assert.equal(retryAt('DEPENDENCY_FAILED').waiting?.retryAt, '2026-01-01T00:01:02.000Z');
  });
});
