import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReleaseRecord, releaseName, type ServiceSpec, Ulid } from '@kedge/shared/contracts';
import type { World } from './observe-service.ts';
import { createStandingRecorder, isServingAs, lagsBehind, type StandingRecorder } from './record-standing.ts';
import { container, declared } from './testing/observed.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, rememberingWriter, worldNow, worldOf } from './testing/world.ts';

const at = new Date(worldNow).toISOString();
const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const spec = declared();

function serving(of: ServiceSpec = spec): NonNullable<ReleaseRecord['serving']> {
  return { ...image, release: releaseName(of, image.digest), since: at, rollout: Ulid.parse('01JZ0000000000000000000000'), spec: of };
}

async function record(what: (recorder: StandingRecorder, world: World) => Promise<void>, world: World): Promise<ReleaseRecord | undefined> {
  const { written, write } = rememberingWriter();
  await what(createStandingRecorder({ write, clock: { now: () => new Date(worldNow) } }), world);
  return written[0];
}

describe('what the record remembers beside rollouts', () => {
  it('is the image that was first seen', async () => {
    const written = await record(async (recorder, world) => await recorder.pin(world, { ...image }), worldOf());
    assert.deepEqual(written?.pinned, image);
  });

  it('is, at rest, what serves, with the routes and behaviour that are declared by now', async () => {
    const routed = declared({ proxy: { host: 'a.b', service_port: 80 } });
    const waiting = { code: 'X', message: '', since: at, retryAt: at, failures: 1 };
    const world = worldOf({ spec: routed, record: recordOf({ serving: serving(), waiting }) });
    const written = await record(async (recorder) => await recorder.settle(world), world);
    assert.deepEqual([written?.waiting, written?.pinned, written?.serving?.spec], [undefined, image, routed]);
  });

  it('is since when it leaves, and whether anything ran then', async () => {
    const leave = async (world: World) => await record(async (recorder) => await recorder.leave(world), world);
    assert.deepEqual((await leave(worldOf()))?.leavingSince, at);
    assert.equal((await leave(worldOf()))?.leftRunning, undefined);
    const running = await leave(worldOf({ containers: [container()] }));
    assert.deepEqual([running?.leftRunning, running?.leftContainers], [true, 1]);
  });

  it('is nothing of that when it comes back; what runs once begins anew, also when it had ended', async () => {
    const left = { serving: serving(), leavingSince: at, leftRunning: true };
    const comeBack = async (world: World, isWanted = true) =>
      await record(async (recorder) => await recorder.comeBack(world, { isWanted, comesFirst: true }), world);
    const always = declared({ service: { restart: 'always' } });
    const kept = await comeBack(worldOf({ spec: always, record: recordOf(left) }));
    assert.deepEqual([kept?.leavingSince, kept?.leftRunning, kept?.serving?.release], [undefined, undefined, serving().release]);
    const once = await comeBack(worldOf({ record: recordOf(left) }));
    assert.deepEqual([once?.serving, once?.requested], [null, { causationid: 'node.requested' }]);
    const finished = await comeBack(worldOf({ record: recordOf({ serving: serving(), leavingSince: at }) }));
    assert.deepEqual([finished?.serving, finished?.requested], [null, { causationid: 'node.requested' }]);
    const replaced = await comeBack(worldOf({ record: recordOf(left) }), false);
    assert.deepEqual(
      [replaced?.serving?.release, replaced?.comingUp, replaced?.requested],
      [serving().release, { release: serving().release, since: at }, undefined],
    );
    const triggered = declared({ dispenser: { watch: true, initialize: 'on-trigger' } });
    const ended = await comeBack(worldOf({ spec: triggered, record: recordOf({ serving: serving(), leavingSince: at }) }));
    assert.equal(ended?.serving?.release, serving().release);
  });
});

describe('what serves', () => {
  it('is as declared when the declaration makes the same release', () => {
    const world = worldOf({ record: recordOf({ serving: serving() }) });
    assert.equal(isServingAs(world, spec), true);
    assert.equal(isServingAs(world, declared({ env: { A: '1' } })), false);
    assert.equal(isServingAs(worldOf(), spec), false);
  });

  it('lags behind while its routes are declared otherwise and that was not written down', () => {
    const routed = declared({ proxy: { host: 'a.b', service_port: 80 } });
    const world = (of: ServiceSpec) => worldOf({ spec: of, record: recordOf({ serving: serving() }) });
    assert.deepEqual(
      [lagsBehind(world(spec)), lagsBehind(world(routed)), lagsBehind(world(declared({ env: { A: '1' } })))],
      [false, true, false],
    );
  });
});
