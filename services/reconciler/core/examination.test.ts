import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, type StatusReply } from '@kedge/shared/contracts';
import { examineEngine } from './examination.ts';

const gb = 1_000_000_000;
const fine = {
  engine: { id: 'x', version: '28.5.2', platform: 'linux/amd64', apiVersion: '1.51' },
  disk: { totalBytes: 100 * gb, freeBytes: 40 * gb },
  isActive: true,
  busProblem: null,
  services: [],
};
const web: StatusReply['services'][number] = {
  service: ServiceName.parse('web'),
  phase: 'waiting',
  reason: '',
  image: 'app',
  digest: null,
  source: null,
  release: null,
  replicas: { ready: 0, wanted: 1 },
  since: null,
  routes: [],
  barred: [],
  waiting: { code: 'PORT_TAKEN', message: 'port 80 is taken', since: '2026-01-01T00:00:00Z', retryAt: '2026-01-01T00:00:05Z', failures: 1 },
};

describe('examineEngine', () => {
  it('finds the engine, its disk and its own role', () => {
    assert.deepEqual(
      examineEngine(fine).map(({ what, state, message }) => [what, state, message]),
      [
        ['engine', 'fine', 'version 28.5.2 on linux/amd64, API 1.51'],
        ['disk', 'fine', '40.0 GB free of 100.0 GB (40 %)'],
        ['role', 'fine', 'this instance acts on the engine'],
      ],
    );
  });

  const cases: readonly (readonly [string, Partial<Parameters<typeof examineEngine>[0]>, string, string])[] = [
    ['an engine that is too old', { engine: { ...fine.engine, apiVersion: '1.9' } }, 'engine', 'failed'],
    ['a small share of a large disk', { disk: { totalBytes: 1_000 * gb, freeBytes: 99 * gb } }, 'disk', 'warning'],
    ['few bytes of a small disk', { disk: { totalBytes: 3 * gb, freeBytes: gb } }, 'disk', 'warning'],
    ['a full disk', { disk: { totalBytes: 100 * gb, freeBytes: 0 } }, 'disk', 'failed'],
    ['a service that waits', { services: [web] }, 'service web', 'warning'],
  ];
  for (const [name, changes, what, state] of cases) {
    it(`minds ${name}, and says what to do`, () => {
      const bad = examineEngine({ ...fine, ...changes }).filter((finding) => finding.state !== 'fine');
      assert.deepEqual(
        bad.map((finding) => [finding.what, finding.state, finding.advice !== undefined]),
        [[what, state, true]],
      );
    });
  }

  it('says when nobody can act, because the bus takes no writes', () => {
    const role = examineEngine({ ...fine, isActive: false, busProblem: 'its disk may be full' })[2];
    assert.equal(role?.state, 'failed');
    assert.match(role.message, /its disk may be full/);
  });

  it('says when another instance acts', () => assert.match(examineEngine({ ...fine, isActive: false })[2]?.message ?? '', /stands by/));
});
