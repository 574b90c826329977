import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, declared, releaseOf, rolloutTo } from '../testing/observed.ts';
import { awaitedContainer, awaitedOf } from './awaited.ts';
import { restoringStep } from './decide-rollout.ts';

const worker = declared({ service: { restart: 'always' } });
const gates = [
  { type: 'tcp', port: 1 },
  { type: 'http', port: 2, path: '/ready', healthy_deadline: '90s' },
];
const none = { exposed: [], health: 'none' } as const;
const exposing = { exposed: [8080], health: 'none' } as const;
const instead = 'a [service.healthcheck] with a short interval is asked instead';

describe('what a new container is waited for', () => {
  const table = [
    ['a port of the image', { spec: worker, container: exposing }, `waits up to 30 s for port 8080, which its image exposes; ${instead}`],
    [
      'a port of the image, by what may end',
      { spec: declared(), container: exposing },
      `waits up to 30 s for port 8080, which its image exposes, or for its end; ${instead}`,
    ],
    [
      'a port of the image that has to answer',
      { spec: worker, container: exposing, mustListen: true },
      'waits up to 60 s for port 8080, which its image exposes and on which what it replaces answers',
    ],
    [
      'a port that is routed',
      { spec: declared({ proxy: { host: 'a', service_port: 80 } }), container: none },
      'waits up to 60 s for port 80 to accept connections',
    ],
    [
      'declared gates, in their order',
      { spec: declared({ gate: gates }), container: none },
      'waits up to 60 s for port 1 to accept connections, then up to 90 s for an answer of 200 to 399 from port 2 at /ready',
    ],
    ['a health check', { spec: worker, container: { exposed: [8080], health: 'starting' } }, 'waits up to 300 s for its health check'],
    ['a worker', { spec: worker, container: none }, 'waits up to 3 s to see it run without a restart'],
    ['what runs once', { spec: declared(), container: none }, 'waits up to 3 s for its end, or to see it run on'],
  ] as const;
  for (const [what, given, expected] of table)
    it(`is told of ${what}`, () => assert.deepEqual(awaitedOf(given), { words: expected, until: null }));

  it('is told with the moment until which, once that is known', () => {
    const startedAt = new Date('2026-01-01T00:00:10.300Z');
    assert.deepEqual(awaitedOf({ spec: worker, container: exposing, startedAt }), {
      words: `waits up to 30 s (until 00:00:40Z) for port 8080, which its image exposes; ${instead}`,
      until: startedAt.getTime() + 30_000,
    });
  });
});

describe('the container that a rollout waits for', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const rollout = rolloutTo('v2');
  const waiting = { code: 'PORT_TAKEN', message: 'm', since: at, retryAt: at, failures: 1 };
  const of = (id: string, second: number, changes: Parameters<typeof container>[0] = {}) =>
    container({ id, startedAt: new Date(Date.parse(at) + second * 1_000), kedge: { release: releaseOf('v2') }, ...changes });
  const all = [of('first', 1), of('last', 2), of('ended', 3, { state: 'exited' }), of('old', 4, { kedge: { release: releaseOf('v1') } })];
  const table = [
    ['is the one that was started last', { rollout }, 'last'],
    ['is none without a rollout', { rollout: null }, undefined],
    ['is none behind an obstacle', { rollout, waiting }, undefined],
    ['is none once requests moved', { rollout: { ...rollout, switchedAt: at } }, undefined],
    ['is none while the old release comes back', { rollout: { ...rollout, step: restoringStep } }, undefined],
  ] as const;
  for (const [name, record, expected] of table) it(name, () => assert.equal(awaitedContainer(record, all)?.id, expected));
});
