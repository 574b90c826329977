import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Finding, ServiceName, type StatusReply } from '@kedge/shared/contracts';
import { examineEngine, type Role } from './examination.ts';

const gb = 1_000_000_000;
const engine = { version: '28.5.2', platform: 'linux/amd64', apiVersion: '1.51' };
const fine: Parameters<typeof examineEngine>[0] = {
  engine: { value: engine },
  disk: { value: { totalBytes: 100 * gb, freeBytes: 40 * gb } },
  role: { value: { kind: 'acts' } },
  commands: { kind: 'there', waiting: 0, isRead: true },
  services: { value: [] },
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
const disk = (totalBytes: number, freeBytes: number) => ({ disk: { value: { totalBytes, freeBytes } } });
const role = (value: Role) => ({ role: { value } });

describe('examineEngine', () => {
  it('finds the engine, its disk, its own role and the reader of commands', () => {
    assert.deepEqual(
      examineEngine(fine).map(({ what, state, message }) => [what, state, message]),
      [
        ['engine', 'fine', 'version 28.5.2 on linux/amd64, API 1.51'],
        ['disk', 'fine', '40.0 GB free of 100.0 GB (40 %)'],
        ['role', 'fine', 'this instance acts on the engine'],
        ['commands', 'fine', 'waiting to be taken: 0'],
      ],
    );
  });

  const missing = { kind: 'unusable', problem: 'there is none', advice: 'run "docker compose up -d"' } as const;
  const cases: readonly (readonly [string, Partial<typeof fine>, string, Finding['state']])[] = [
    ['an engine that is too old', { engine: { value: { ...engine, apiVersion: '1.9' } } }, 'engine', 'failed'],
    ['an engine that does not answer', { engine: { problem: 'it did not answer' } }, 'engine', 'failed'],
    ['a small share of a large disk', disk(1_000 * gb, 99 * gb), 'disk', 'warning'],
    ['few bytes of a small disk', disk(3 * gb, gb), 'disk', 'warning'],
    ['a full disk', disk(100 * gb, 0), 'disk', 'failed'],
    ['a disk that cannot be looked at', { disk: { problem: 'no such file' } }, 'disk', 'warning'],
    ['a role that cannot be read', { role: { problem: 'the bus is away' } }, 'role', 'failed'],
    ['an engine on which nobody acts', role({ kind: 'stands-by', holder: null }), 'role', 'warning'],
    ['a take-over that is under way', role({ kind: 'takes-over', problem: null }), 'role', 'warning'],
    ['a take-over that fails', role({ kind: 'takes-over', problem: 'the engine is away' }), 'role', 'warning'],
    ['a bus that takes no writes', role({ kind: 'bus-full', problem: 'its disk may be full' }), 'role', 'failed'],
    ['a node that belongs to another engine', role({ kind: 'node-taken', message: 'another engine acts' }), 'role', 'failed'],
    ['a consumer of commands that is gone', { commands: missing }, 'commands', 'failed'],
    ['commands that nobody takes', { commands: { kind: 'there', waiting: 2, isRead: false } }, 'commands', 'warning'],
    ['services that cannot be told', { services: { problem: 'the bus is away' } }, 'services', 'failed'],
    ['a service that waits', { services: { value: [web] } }, 'service web', 'warning'],
  ];
  for (const [name, changes, what, state] of cases) {
    it(`minds ${name}, says what to do, and hides nothing else`, () => {
      const found: readonly Finding[] = examineEngine({ ...fine, ...changes });
      assert.deepEqual(
        found.filter((finding) => finding.state !== 'fine').map((finding) => [finding.what, finding.state, finding.advice !== undefined]),
        [[what, state, true]],
      );
      for (const each of ['engine', 'disk', 'role', 'commands']) assert.ok(found.some((finding) => finding.what === each));
    });
  }

  it('finds nothing wrong with an instance that stands by, and says for whom', () => {
    const standing = { ...fine, ...role({ kind: 'stands-by', holder: 'one' }), commands: { ...fine.commands, isRead: false } };
    const found = examineEngine(standing);
    assert.deepEqual(
      found.map(({ state }) => state),
      ['fine', 'fine', 'fine', 'fine'],
    );
    assert.equal(found[2]?.message, 'this instance stands by: one acts on the engine');
  });

  it('says why nobody can act, when the bus takes no writes', () => {
    const [, , found] = examineEngine({ ...fine, ...role({ kind: 'bus-full', problem: 'its disk may be full' }) });
    assert.match(found?.message ?? '', /its disk may be full/);
  });
});
