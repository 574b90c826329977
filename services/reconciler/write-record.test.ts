import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { rolloutTo, service } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { recordOf, worldOf } from './testing/world.ts';
import { createRecordWriter, emptyRecord, endedRollout, rolloutEvent, rolloutOf, supersededRollout, traceOf } from './write-record.ts';

const entry = { key: 'k', revision: 1, writtenAt: new Date(0) };

describe('a log line about a service', () => {
  it('names its rollout, and the event that led to that', () => {
    const rollout = { ...rolloutTo('v2'), causationid: 'image.updated/1' };
    const record = { ...entry, value: { node, service, serving: null, rollout } };
    assert.deepEqual(traceOf({ service, record }), { service, correlationid: rollout.id, event: 'image.updated/1' });
  });

  it('names the service alone when nothing is under way', () => {
    assert.deepEqual(traceOf({ service, record: null }), { service, correlationid: undefined, event: undefined });
  });
});

describe('the record of a service', () => {
  const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0 };
  const now = clock.now();
  const rollout = rolloutTo('v2');
  const { id, release, image, digest } = rollout;
  const data = { rollout: id, release, image, digest, step: 'x', message: '' };
  const said = rolloutEvent('deploy.progressed', { service, rollout, now, data });

  function stage() {
    const store = createMemoryStore();
    const bus = createMemoryBus({ store, node, clock });
    return { events: store.events, write: createRecordWriter({ bus, stores: openStores(bus) }) };
  }

  it('is written first, and what that owes is said then', async () => {
    const { events, write } = stage();
    const { value } = await write(worldOf(), (record) => ({ ...record, rollout, owes: [said] }));
    assert.equal(value.rollout?.id, id);
    assert.deepEqual(
      events.map(({ type, correlationid }) => [type, correlationid]),
      [['deploy.progressed.v1', id]],
    );
  });

  it('owes nothing where nothing is to be said', async () => {
    const { events, write } = stage();
    for (const owes of [undefined, []]) {
      const { value } = await stage().write(worldOf(), (record) => ({ ...record, ...(owes && { owes }) }));
      assert.equal(value.owes, undefined);
    }
    await write(worldOf(), (record) => record);
    assert.deepEqual(events, []);
  });

  it('is not written over what somebody else wrote meanwhile', async () => {
    const { write } = stage();
    await write(worldOf(), (record) => record);
    await assert.rejects(
      write(worldOf(), (record) => record),
      { name: 'RetryableError', code: 'WORLD_MOVED' },
    );
  });

  it('holds a rollout, or the world has moved', () => {
    assert.equal(rolloutOf(worldOf({ record: recordOf({ rollout }) })), rollout);
    assert.throws(() => rolloutOf(worldOf({ record: recordOf({}) })), { code: 'WORLD_MOVED' });
    assert.deepEqual(emptyRecord(node, service), { node, service, serving: null, rollout: null });
  });

  it('tells how a rollout ended, and says it when another one takes its place', () => {
    const ended = endedRollout(rollout, { outcome: 'failed', reason: 'it crashed', now });
    assert.deepEqual(ended, {
      rollout: id,
      release,
      outcome: 'failed',
      reason: 'it crashed',
      startedAt: rollout.startedAt,
      finishedAt: now.toISOString(),
    });
    const { last, said: event } = supersededRollout({ service, rollout, reason: 'newer', now: new Date(now.getTime() + 1_500) });
    assert.deepEqual([last.outcome, event.subject], ['superseded', 'deploy.superseded']);
    assert.partialDeepStrictEqual(event.data, { reason: 'newer', durationMs: 1_500 });
  });
});
