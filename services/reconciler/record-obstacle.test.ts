import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { ObservedContainer } from './ports.ts';
import { createObstacleRecorder, type Obstacle } from './record-obstacle.ts';
import { container, declared, releaseOf, rolloutTo } from './testing/observed.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, rememberingWriter, worldNow, worldOf } from './testing/world.ts';

const web = declared({ proxy: { host: 'a.b', service_port: 80 } });
const at = new Date(worldNow).toISOString();
const taken: Obstacle = { code: 'PORT_TAKEN', message: 'port 80 is taken' };
const waiting = { ...taken, since: at, retryAt: new Date(worldNow + 5_000).toISOString(), failures: 2 };
const stopsSince = at;
const rollout = { ...rolloutTo('v2'), strategy: 'start-first' as const };
const serving = {
  image: 'app:latest',
  digest: digestOf('v1'),
  source: 'registry' as const,
  release: releaseOf('v1'),
  since: at,
  rollout: rollout.id,
};

interface Later {
  readonly laterMs?: number;
  readonly containers?: readonly ObservedContainer[];
}

/** Meets an obstacle; gives the wait, and what was written. */
async function meet(obstacle: Obstacle, record: Partial<ReleaseRecord> = {}, { laterMs = 0, containers = [] }: Later = {}) {
  const { written, write } = rememberingWriter();
  const note = createObstacleRecorder({ write, clock: { now: () => new Date(worldNow + laterMs) }, random: () => 0 });
  const afterMs = await note(worldOf({ record: recordOf(record), containers, spec: web }), obstacle);
  return { afterMs, written: written[0] };
}

describe('an obstacle', () => {
  it('is written down with the time of the next try', async () => {
    const { afterMs, written } = await meet(taken);
    assert.equal(afterMs, 2_000);
    assert.deepEqual(written?.waiting, { ...taken, since: at, retryAt: new Date(worldNow + 2_000).toISOString(), failures: 1 });
  });

  it('that was met before is not written again before its time, and waits longer afterwards', async () => {
    assert.deepEqual(await meet(taken, { waiting }), { afterMs: 5_000, written: undefined });
    const { afterMs, written } = await meet(taken, { waiting }, { laterMs: 6_000 });
    assert.deepEqual([afterMs, written?.waiting?.failures, written?.waiting?.since], [10_000, 3, at]);
  });

  it('waits for as long as the other side said', async () =>
    assert.equal((await meet({ code: 'REGISTRY_RATE_LIMITED', message: '', retryAfterMs: 90_000 })).afterMs, 90_000));

  it('is told once in a rollout, unless it is another service that is on its way', async () => {
    const told = async (obstacle: Obstacle, record: Partial<ReleaseRecord>) =>
      (await meet(obstacle, record, { laterMs: 6_000 })).written?.owes?.map(({ subject }) => subject) ?? [];
    assert.deepEqual(await told(taken, { rollout }), ['deploy.progressed']);
    assert.deepEqual(await told(taken, { rollout, waiting }), []);
    assert.deepEqual(await told(taken, {}), []);
    assert.deepEqual(await told({ code: 'DEPENDENCY_PENDING', message: '' }, { rollout }), []);
  });

  it('that is another service is looked at often, and written when it begins', async () => {
    const pending = { code: 'DEPENDENCY_PENDING', message: 'it waits for db' };
    assert.equal((await meet(pending)).afterMs, 2_000);
    const again = await meet(pending, { waiting: { ...waiting, ...pending } }, { laterMs: 60_000 });
    assert.deepEqual(again, { afterMs: 2_000, written: undefined });
  });

  it('brings the old release back where it was stopped', async () => {
    const step = async (stopped: { stopsSince?: string }) =>
      (await meet(taken, { serving, rollout: { ...rollout, ...stopped } })).written?.rollout?.step;
    assert.deepEqual([await step({}), await step({ stopsSince })], ['waiting', 'restoring']);
  });

  it('that comes back after the old release had stopped for the new one brings that one back, too', async () => {
    const pending = { code: 'DEPENDENCY_PENDING', message: 'it waits for db' };
    const record = { serving, rollout: { ...rollout, strategy: 'stop-first' as const, stopsSince }, waiting: { ...waiting, ...pending } };
    assert.equal((await meet(pending, record)).written?.rollout?.step, 'restoring');
    const containers = [container({ kedge: { release: serving.release } })];
    assert.equal((await meet(pending, record, { containers })).written, undefined, 'it serves');
  });

  it('brings nothing back once the new release was fit, as long as that is up and not judged', async () => {
    const fit = { ...rollout, stopsSince, switchedAt: at };
    const up = container({ kedge: { release: rollout.release } });
    const last = { rollout: rollout.id, release: rollout.release, outcome: 'failed' as const, reason: '', startedAt: at, finishedAt: at };
    const step = async (record: Partial<ReleaseRecord>, containers: readonly ObservedContainer[]) =>
      (await meet(taken, { serving, ...record }, { containers })).written?.rollout?.step;
    assert.equal(await step({ rollout: fit }, [up]), 'waiting');
    assert.equal(await step({ rollout: fit }, []), 'restoring');
    const ended = (exitCode: number) => container({ kedge: { release: rollout.release }, state: 'exited', exitCode });
    assert.deepEqual([await step({ rollout: fit }, [ended(0)]), await step({ rollout: fit }, [ended(1)])], ['waiting', 'restoring']);
    assert.equal(await step({ rollout: fit, last }, [up]), 'restoring');
  });
});
