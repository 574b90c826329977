import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObservedContainer } from '../ports.ts';
import { container, releaseOf, rolloutTo } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { mustRestore } from './must-restore.ts';

const stopped = '2026-01-01T00:10:00.000Z';
const at = (minute: number) => new Date(`2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`);
const rollout = { ...rolloutTo('v2'), strategy: 'stop-first' as const, startedAt: '2026-01-01T00:01:00.000Z', stopsSince: stopped };
const serving = {
  image: 'app:latest',
  digest: digestOf('v1'),
  source: 'registry' as const,
  release: releaseOf('v1'),
  since: stopped,
  rollout: rollout.id,
};
const old = (changes: Partial<ObservedContainer>) => container({ ...changes, kedge: { release: serving.release } });

describe('what served before a rollout that stopped it', () => {
  for (const { title, containers, expected } of [
    { title: 'comes back when it runs', containers: [old({})], expected: true },
    { title: 'comes back when it was stopped for that', containers: [old({ state: 'exited', finishedAt: at(11) })], expected: true },
    {
      title: 'stays ended when it ended by itself before, also after the rollout began',
      containers: [old({ state: 'exited', finishedAt: at(9) })],
      expected: false,
    },
    { title: 'comes back when its container is gone', containers: [], expected: true },
  ]) {
    it(title, () => assert.equal(mustRestore({ record: { rollout, serving }, containers }), expected));
  }

  it('has nothing to come back from where nothing was stopped, or nothing served', () => {
    const { stopsSince: _since, ...before } = rollout;
    const ended = [old({ state: 'exited', finishedAt: at(11) })];
    for (const containers of [[old({})], ended, []]) assert.equal(mustRestore({ record: { rollout: before, serving }, containers }), false);
    assert.equal(mustRestore({ record: { rollout, serving: null }, containers: [] }), false);
    assert.equal(mustRestore({ record: null, containers: [] }), false);
  });
});
