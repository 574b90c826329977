import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseOf, rolloutTo, service } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { failuresInARow, isNewlyBlocked, nextTryAt, obstacleBackOff } from './obstacles.ts';

const now = Date.parse('2026-01-01T00:10:00.000Z');
const at = (seconds: number) => new Date(now + seconds * 1_000).toISOString();
const waiting = (code: string, retryIn = 60, failures = 7) => ({ code, message: '', since: at(-600), retryAt: at(retryIn), failures });

describe('obstacleBackOff', () => {
  const longest: readonly (readonly [string, number])[] = [
    ['SOURCE_MISSING', 30_000],
    ['PORT_TAKEN', 30_000],
    ['NAME_TAKEN', 30_000],
    ['NETWORK_IN_USE', 30_000],
    ['SECRET_CHANGED', 30_000],
    ['SECRETS_UNAVAILABLE', 5_000],
    ['REGISTRY_UNREACHABLE', 600_000],
    ['ENGINE_ERROR', 600_000],
    ['PORT_MOVING', 10_000],
    ['VOLUME_IN_USE', 10_000],
  ];
  for (const [code, ms] of longest) it(`leaves ${code} alone for ${ms} ms at most`, () => assert.equal(obstacleBackOff(code).at(-1), ms));
});

describe('failuresInARow', () => {
  it('counts on with obstacles of the same patience, and begins anew with others', () => {
    assert.equal(failuresInARow(undefined, 'REGISTRY_ERROR'), 1);
    assert.equal(failuresInARow(waiting('REGISTRY_UNREACHABLE'), 'REGISTRY_ERROR'), 8);
    assert.equal(failuresInARow(waiting('SOURCE_MISSING'), 'PORT_TAKEN'), 8);
    assert.equal(failuresInARow(waiting('SECRETS_UNAVAILABLE'), 'REGISTRY_ERROR'), 1);
  });
});

describe('nextTryAt', () => {
  it('is when it is tried again, now when that has passed, and soon while another service is waited for', () => {
    const inMs = (code: string, retryIn: number) => nextTryAt(waiting(code, retryIn), now).getTime() - now;
    assert.deepEqual([inMs('PORT_TAKEN', 60), inMs('PORT_TAKEN', -60)], [60_000, 0]);
    assert.deepEqual([inMs('DEPENDENCY_FAILED', -60), inMs('DEPENDENCY_PENDING', -60)], [2_000, 2_000]);
  });
});

describe('isNewlyBlocked', () => {
  const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
  const serving = { ...image, release: releaseOf('v1'), since: at(-600), rollout: '01JZ0000000000000000000000' };
  const rolling = { node: 'local', service, serving, rollout: rolloutTo('v2') };
  it('holds at the first time and at each next attempt, while another release serves', () => {
    assert.equal(isNewlyBlocked(rolling, now), true);
    assert.equal(isNewlyBlocked({ ...rolling, waiting: waiting('PORT_TAKEN', -1) }, now), true);
    assert.equal(isNewlyBlocked({ ...rolling, waiting: waiting('PORT_TAKEN', 1) }, now), false);
    assert.equal(isNewlyBlocked({ ...rolling, serving: null }, now), false);
    assert.equal(isNewlyBlocked({ ...rolling, rollout: null }, now), false);
    assert.equal(isNewlyBlocked(undefined, now), false);
  });
  it('holds once while a dependency is waited for: that is looked at all the time', () => {
    assert.equal(isNewlyBlocked({ ...rolling, waiting: waiting('DEPENDENCY_PENDING', -600) }, now), false);
  });
});
