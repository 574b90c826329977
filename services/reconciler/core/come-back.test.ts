import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import { declared, releaseOf, rolloutTo } from '../testing/observed.ts';
import { recordOf } from '../testing/world.ts';
import { comeBack } from './come-back.ts';

const since = '2026-01-01T00:00:00.000Z';
const { release, image, digest, source, id } = rolloutTo('v1');
const serving = { release, image, digest, source, rollout: id, since };
const left = recordOf({ serving, leavingSince: since, takenDown: true, leftContainers: 1, leftRelease: release }).value;
const always = declared({ service: { restart: 'always' } });
const triggered = declared({ dispenser: { watch: true, initialize: 'on-trigger' } });
const failed: NonNullable<ReleaseRecord['last']> = {
  rollout: id,
  release: releaseOf('v2'),
  outcome: 'failed',
  reason: '',
  startedAt: since,
  finishedAt: since,
};

describe('the record of what comes back', () => {
  it('forgets that it left, and brings up what served', () =>
    assert.deepEqual(
      comeBack(left, { spec: always, isWanted: true, comesFirst: true, runs: false, since }),
      recordOf({ serving, comingUp: { release, since } }).value,
    ));

  it('only remembers what served where something newer comes first', () =>
    assert.deepEqual(comeBack(left, { spec: always, isWanted: false, comesFirst: false, runs: true, since }), recordOf({ serving }).value));

  it('begins anew with what runs once, whatever failed before', () => {
    const {
      serving: now,
      requested,
      last,
    } = comeBack({ ...left, last: failed }, { spec: declared(), isWanted: true, comesFirst: true, runs: false, since });
    assert.deepEqual([now, requested, last], [null, { causationid: 'node.requested' }, undefined]);
  });

  it('keeps what ran once where something newer is to take its place, or it runs', () => {
    for (const at of [
      { isWanted: false, comesFirst: true, runs: false },
      { isWanted: true, comesFirst: true, runs: true },
    ])
      assert.deepEqual(comeBack(left, { ...at, spec: declared(), since }).comingUp, { release, since });
  });

  it('leaves alone what only a trigger starts, unless it ran', () => {
    assert.equal(comeBack(left, { spec: triggered, isWanted: true, comesFirst: true, runs: false, since }).comingUp, undefined);
    assert.deepEqual(
      comeBack({ ...left, leftRunning: true }, { spec: triggered, isWanted: false, comesFirst: true, runs: false, since }).comingUp,
      {
        release,
        since,
      },
    );
  });
});
