import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import { releaseOf, rolloutTo, service } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { decideAdoption } from './decide-adoption.ts';

const at = '2026-01-01T00:00:00.000Z';
const rollout = rolloutTo('v1');
const record: ReleaseRecord = { node: 'local' as ReleaseRecord['node'], service, serving: null, rollout };
const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const serving = { ...image, release: releaseOf('v1'), since: at, rollout: rollout.id };
const failed = { rollout: rollout.id, release: rollout.release, outcome: 'failed' as const, reason: 'x', startedAt: at, finishedAt: at };
const waiting = { code: 'START_FAILED', message: 'x', since: at, retryAt: at, failures: 1 };

describe('decideAdoption', () => {
  const table: readonly (readonly [string, ReleaseRecord, ReturnType<typeof decideAdoption>])[] = [
    ['waits while the first rollout goes on', record, 'wait'],
    ['waits while another one replaces what serves', { ...record, serving }, 'wait'],
    ['removes them when the service serves', { ...record, serving, rollout: null }, 'remove'],
    ['brings them back when the start failed, and is tried again', { ...record, waiting }, 'bring-back'],
    ['brings them back when the start failed for good', { ...record, rollout: null, last: failed }, 'bring-back'],
    ['waits behind an obstacle', { ...record, waiting: { ...waiting, code: 'REGISTRY_ERROR' } }, 'wait'],
    ['waits when nothing was tried', { ...record, rollout: null }, 'wait'],
  ];
  for (const [name, given, expected] of table) it(name, () => assert.equal(decideAdoption(given), expected));
});
