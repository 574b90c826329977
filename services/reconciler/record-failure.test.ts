import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReleaseRecord, serviceKey } from '@kedge/shared/contracts';
import type { RolloutOutcome } from './metrics.ts';
import type { World } from './observe-service.ts';
import { createFailureRecorder, type Failure, type FailureRecorder } from './record-failure.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared, releaseOf, rolloutTo } from './testing/observed.ts';
import { node, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, rememberingWriter, worldNow, worldOf } from './testing/world.ts';

const at = new Date(worldNow).toISOString();
const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const rollout = { ...rolloutTo('v2'), strategy: 'start-first' as const, from: releaseOf('v1') };
const stopFirst = { ...rollout, strategy: 'stop-first' as const, stopsSince: at };
const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const serving = { ...image, release: releaseOf('v1'), since: at, rollout: rollout.id };
const failure: Failure = { verdict: 'crashed', message: 'it crashed', exitCode: 3, lastLines: ['x'.repeat(900)], final: false };
const bar = {
  release: rollout.release,
  digest: rollout.digest,
  reason: 'crashed' as const,
  message: 'it crashed',
  rollout: rollout.id,
  at,
};

async function record(what: (recorder: FailureRecorder, world: World) => Promise<void>, before: Partial<ReleaseRecord>, isBarred = false) {
  const { written, write } = rememberingWriter();
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock });
  const stores = openStores(bus);
  const ends: RolloutOutcome[] = [];
  const recorder = createFailureRecorder({ bus, stores, write, clock, random: () => 0, onEnd: (outcome) => void ends.push(outcome) });
  const key = serviceKey(node, web);
  const bars = { key, revision: 1, writtenAt: new Date(worldNow), value: { node, service: web, bars: [bar] } };
  await what(recorder, worldOf({ spec: declared(), record: recordOf(before), bars: isBarred ? bars : null }));
  const [value] = written;
  const barred = (await stores.bars.get(key))?.value.bars.map(({ release }) => release) ?? [];
  return { value, owed: value?.owes?.map(({ subject }) => subject) ?? [], ends, barred };
}

describe('a failed rollout', () => {
  const fail = async (before: Partial<ReleaseRecord>, changes: Partial<Failure> = {}) =>
    await record(async (recorder, world) => await recorder.fail(world, { ...failure, ...changes }), before);

  it('is barred where another release serves, and told with its last lines, cut where they are long', async () => {
    const { value, owed, ends, barred } = await fail({ rollout, serving });
    assert.deepEqual([value?.rollout, owed, ends, barred], [null, ['deploy.failed'], ['failed'], [rollout.release]]);
    assert.deepEqual(
      value?.last?.lastLines?.map(({ length }) => length),
      [500],
    );
    assert.partialDeepStrictEqual(value?.owes?.[0]?.data, { barred: true, exitCode: 3, reason: 'crashed' });
  });

  it('brings back what it had stopped', async () =>
    assert.equal((await fail({ rollout: stopFirst, serving })).value?.rollout?.step, 'restoring'));

  it('is tried again, and told once, where nothing serves yet', async () => {
    const first = await fail({ rollout });
    assert.deepEqual(
      [first.value?.waiting?.code, first.value?.rollout?.attempts, first.owed, first.barred],
      ['START_FAILED', 1, ['deploy.failed'], []],
    );
    const second = await fail({ rollout: { ...rollout, attempts: 1 } });
    assert.deepEqual([second.value?.rollout?.attempts, second.owed, second.ends], [2, [], []]);
  });

  it('of what runs once is not tried again', async () => {
    const { value, ends } = await fail({ rollout }, { final: true });
    assert.deepEqual([value?.rollout, value?.waiting, ends], [null, undefined, ['failed']]);
  });
});

describe('a rollout that nobody wants any more', () => {
  const abandon = async (before: Partial<ReleaseRecord>) =>
    await record(async (recorder, world) => await recorder.abandon(world, 'what is wanted serves already'), before);

  it('is superseded, and brings back what it had stopped', async () => {
    const { value, owed, ends } = await abandon({ rollout, serving });
    assert.deepEqual([value?.rollout, owed, ends], [null, ['deploy.superseded'], ['superseded']]);
    assert.equal((await abandon({ rollout: stopFirst, serving })).value?.rollout?.step, 'restoring');
  });

  it('has no second end', async () => {
    const last = { rollout: rollout.id, release: rollout.release, outcome: 'failed' as const, reason: '', startedAt: at, finishedAt: at };
    const { owed, ends } = await abandon({ rollout, serving, last });
    assert.deepEqual([owed, ends], [[], []]);
  });
});

describe('an old release that is back', () => {
  const restored = async (before: Partial<ReleaseRecord>, isBarred: boolean, isLate = false) =>
    await record(async (recorder, world) => await recorder.restored(world, isLate), before, isBarred);

  it('is told when the new one was judged', async () => {
    const { value, owed } = await restored({ rollout: stopFirst, serving }, true);
    assert.deepEqual([value?.rollout, value?.last?.outcome, owed], [null, 'rolledback', ['deploy.rolledback']]);
  });

  it('waits for the next attempt where only an obstacle was in the way', async () => {
    const waiting = { code: 'PORT_TAKEN', message: '', since: at, retryAt: at, failures: 1 };
    for (const [isLate, stopsSince] of [
      [false, undefined],
      [true, at],
    ] as const) {
      const switched = { ...stopFirst, switchedAt: at, settlingFrom: at, openAtBound: 1 };
      const { value, owed } = await restored({ rollout: switched, serving, waiting }, false, isLate);
      const { step, openAtBound, switchedAt, settlingFrom } = value?.rollout ?? {};
      assert.deepEqual([step, openAtBound, switchedAt, settlingFrom, owed], ['waiting', undefined, undefined, undefined, []]);
      assert.equal(value?.rollout?.stopsSince, stopsSince, 'what is not back is still stopped');
    }
  });
});
