import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import { createMemory } from './memory.ts';
import type { RolloutOutcome } from './metrics.ts';
import type { World } from './observe-service.ts';
import { createRolloutRecorder, type RolloutRecorder } from './record-rollout.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared, releaseOf, rolloutTo } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, rememberingWriter, worldNow, worldOf } from './testing/world.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const at = new Date(worldNow).toISOString();
const image = { image: 'app:latest', digest: digestOf('v2'), source: 'registry' as const };
const desired = { ...image, release: releaseOf('v2') };
const waiting = { code: 'PORT_TAKEN', message: '', since: at, retryAt: at, failures: 1 };
const rolling = { rollout: rolloutTo('v2'), waiting };

/** What is written, owed and counted when a moment of a rollout is recorded. */
async function record(what: (recorder: RolloutRecorder, world: World) => Promise<void>, before: Partial<ReleaseRecord> = {}) {
  const { written, write } = rememberingWriter();
  const store = createMemoryStore();
  const ends: RolloutOutcome[] = [];
  const bus = createMemoryBus({ store, node, clock });
  const recorder = createRolloutRecorder({ bus, write, clock, memory: createMemory(), onEnd: (outcome) => void ends.push(outcome) });
  await what(recorder, worldOf({ record: recordOf(before) }));
  const [value] = written;
  return { value, owed: value?.owes?.map(({ subject }) => subject) ?? [], ends, said: store.events };
}

describe('a rollout', () => {
  const beginning = { spec: declared(), desired, cause: 'image-updated', asked: undefined, woken: 'image.updated/1' } as const;

  it('begins with who led to it, and what stood in the way is forgotten', async () => {
    const { value, owed, ends } = await record(async (recorder, world) => await recorder.begin(world, beginning), { waiting });
    assert.deepEqual(
      [value?.rollout?.release, value?.rollout?.causationid, value?.waiting],
      [desired.release, 'image.updated/1', undefined],
    );
    assert.deepEqual([value?.pinned, owed, ends], [image, ['deploy.started'], []]);
  });

  it('names who asked for it rather than what woke it', async () => {
    const asked = { actor: 'ada', causationid: 'deploy.requested/1' };
    const { value } = await record(async (recorder, world) => await recorder.begin(world, { ...beginning, asked }));
    assert.deepEqual([value?.rollout?.actor, value?.rollout?.causationid], ['ada', 'deploy.requested/1']);
  });

  it('takes the place of one that is under way, which ends with that', async () => {
    const { owed, ends, value } = await record(async (recorder, world) => await recorder.begin(world, beginning), rolling);
    assert.deepEqual([owed, ends, value?.last?.outcome], [['deploy.superseded', 'deploy.started'], ['superseded'], 'superseded']);
  });

  it('notes when requests moved, what was not proven, and when the name moved', async () => {
    const switched = await record(async (recorder, world) => await recorder.switched(world), rolling);
    assert.deepEqual([switched.value?.rollout?.switchedAt, switched.value?.waiting], [at, undefined]);
    const missing = { openRequests: 3, waitingFor: ['p1'] };
    const unproven = await record(async (recorder, world) => await recorder.unproven(world, missing), rolling);
    assert.equal(unproven.value?.rollout?.openAtBound, 3);
    const settling = await record(async (recorder, world) => await recorder.settling(world), rolling);
    assert.equal(settling.value?.rollout?.settlingFrom, at);
    for (const { owed } of [switched, unproven, settling]) assert.deepEqual(owed, ['deploy.progressed']);
  });

  it('tells a moment that no state remembers once', async () => {
    const twice = async (recorder: RolloutRecorder, world: World) => {
      for (let time = 0; time < 2; time += 1) await recorder.progress(world, { step: 'pulling', message: 'the image is pulled' });
    };
    assert.deepEqual(
      (await record(twice, rolling)).said.map(({ type }) => type),
      ['deploy.progressed.v1'],
    );
    assert.deepEqual((await record(twice)).said, []);
  });

  it('ends with what serves from then on, and says whether that was drained', async () => {
    const spec = declared();
    const { value, owed, ends } = await record(async (recorder, world) => await recorder.finish(world, spec), {
      ...rolling,
      rollout: { ...rolling.rollout, openAtBound: 2 },
    });
    assert.deepEqual(
      [value?.rollout, value?.waiting, value?.serving?.release, value?.serving?.spec],
      [null, undefined, releaseOf('v2'), spec],
    );
    assert.deepEqual([owed, ends, value?.last?.outcome], [['deploy.succeeded'], ['succeeded'], 'succeeded']);
    assert.partialDeepStrictEqual(value?.owes?.[0]?.data, { drained: false, openRequests: 2 });
  });

  it('that is gone asks for another look', async () =>
    await assert.rejects(
      record(async (recorder, world) => await recorder.switched(world)),
      { code: 'WORLD_MOVED' },
    ));
});
