import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceStatus } from '@kedge/shared/contracts';
import { noon } from '../testing/recording-terminal.ts';
import { digestA, digestB, releaseA, releaseB, serviceStatus } from '../testing/samples.ts';
import { detailsOf } from './service-details.ts';

const since = '2026-03-01T11:58:00.000Z';
const retryAt = '2026-03-01T12:00:25.000Z';
const atRest: readonly string[] = [
  'image: localhost:5000/hello:1',
  `digest: ${digestA}`,
  `release: ${releaseA}`,
  'route: hello.example.com/',
];
const bar = { release: releaseB, digest: digestB, message: 'exit code 1' };

function details(overrides: Partial<ServiceStatus> = {}): string[] {
  return detailsOf(serviceStatus(overrides), noon).map(({ label, text }) => `${label}: ${text}`);
}

describe('detailsOf', () => {
  it('says what a service at rest is', () => assert.deepEqual(details(), atRest));

  it("names the engine's own image, and leaves out what is not there", () => {
    assert.deepEqual(details({ source: 'local', release: null, routes: [] }).slice(1), [`digest: ${digestA} (the engine's own image)`]);
    assert.deepEqual(details({ digest: null, release: null, routes: [], ports: ['8080->80/tcp'] }), [
      'image: localhost:5000/hello:1',
      'port: 8080->80/tcp',
    ]);
  });

  const cases: readonly (readonly [string, Partial<ServiceStatus>, string])[] = [
    ['the next run', { nextRun: '2026-03-01T15:00:00.000Z' }, 'next run: in 3 h (2026-03-01T15:00:00.000Z)'],
    [
      'an obstacle, with its retry',
      { waiting: { code: 'PULL_FAILED', message: 'no route', since, retryAt, failures: 2 } },
      `waiting: no route (PULL_FAILED); since 2 min ago, tried 2 times, next try in 25 s (${retryAt})`,
    ],
    [
      'an obstacle whose next try is over, without it',
      { waiting: { code: 'PULL_FAILED', message: 'no route', since, retryAt: since, failures: 1 } },
      `waiting: no route (PULL_FAILED); since 2 min ago, tried once`,
    ],
    [
      'a registry that is away',
      { registry: { state: 'unreachable', code: 'REGISTRY_UNREACHABLE', message: 'no route', since } },
      'registry: unreachable since 2 min ago: no route (REGISTRY_UNREACHABLE)',
    ],
    [
      'a registry without the image',
      { registry: { state: 'absent', code: 'IMAGE_ABSENT', message: 'no hello:1' } },
      'registry: absent: no hello:1 (IMAGE_ABSENT)',
    ],
    ['a bar', { barred: [bar] }, 'barred: bbbbbbbbbbbb: exit code 1'],
    ['a bar that is wanted', { barred: [{ ...bar, wanted: true }] }, 'barred: bbbbbbbbbbbb: exit code 1'],
    [
      'a bar of the past',
      { barred: [{ ...bar, wanted: false }] },
      'history: bbbbbbbbbbbb: exit code 1; barred, but something else is wanted by now',
    ],
  ];
  for (const [name, overrides, expected] of cases) {
    it(`says ${name}`, () => assert.deepEqual(details(overrides), [...atRest, expected]));
  }
});
