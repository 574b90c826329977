import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { createObstacleMeeter } from './meet-obstacle.ts';
import type { World } from './observe-service.ts';
import type { Obstacle } from './record-obstacle.ts';
import { declared, releaseOf, rolloutTo } from './testing/observed.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';

const taken = new RetryableError('PORT_TAKEN', 'port 80 is taken', { retryAfterMs: 7_000 });
const rollout = rolloutTo('v2');
const since = new Date(worldNow).toISOString();
const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const serving = { ...image, release: releaseOf('v1'), since, rollout: rollout.id };

interface Met {
  readonly thrown?: unknown;
  readonly world?: World;
  /** What the world is by the time that something is noted; null when it cannot be seen. */
  readonly fresh?: World | null;
  readonly note?: () => Promise<number>;
}

/** Meets it; gives what the pass ends with, what was noted, and whether requests were let go. */
async function meet({ thrown = taken, world = worldOf(), fresh = world, note = async () => 30_000 }: Met) {
  const noted: Obstacle[] = [];
  let released = 0;
  const meetObstacle = createObstacleMeeter({
    log: silentLog(),
    observe: async () => fresh,
    routes: {
      release: async () => {
        released += 1;
        return false;
      },
    },
    noteObstacle: async (_world, obstacle) => {
      noted.push(obstacle);
      return await note();
    },
  });
  return { ended: await meetObstacle(world, thrown), noted, released };
}

describe('what a pass meets', () => {
  it('is noted with what the other side said of when to come back, and tried again when the note says', async () => {
    const { ended, noted } = await meet({});
    assert.deepEqual(ended, { requeueAfterMs: 30_000 });
    assert.deepEqual(noted, [{ code: 'PORT_TAKEN', message: 'port 80 is taken', retryAfterMs: 7_000 }]);
  });

  it('is noted also when it does not pass by itself', async () => {
    const { noted } = await meet({ thrown: new TerminalError('SPEC_REFUSED', 'no') });
    assert.deepEqual(noted, [{ code: 'SPEC_REFUSED', message: 'no', retryAfterMs: undefined }]);
  });

  it('is not noted when the next look decides', async () => {
    for (const code of ['WORLD_MOVED', 'CONTAINER_GONE', 'STANDING_BY', 'BUS_UNAVAILABLE']) {
      const { ended, noted } = await meet({ thrown: new RetryableError(code, 'again') });
      assert.deepEqual([ended, noted], [{ requeueAfterMs: 500 }, []], code);
    }
  });

  it('is tried again where nothing can be noted: declared no more, or not to be seen', async () => {
    for (const fresh of [worldOf({ spec: null }), null]) {
      const { ended, noted } = await meet({ fresh });
      assert.deepEqual([ended, noted], [{ requeueAfterMs: 5_000 }, []]);
    }
  });

  it('is met once more when somebody else wrote the note first', async () => {
    const moved = async () => await Promise.reject(new RetryableError('WORLD_MOVED', 'again'));
    assert.deepEqual((await meet({ note: moved })).ended, { requeueAfterMs: 500 });
    const away = new RetryableError('ENGINE_UNAVAILABLE', 'away');
    await assert.rejects(meet({ note: async () => await Promise.reject(away) }), away);
  });

  it('lets go of requests that wait, unless what the rollout stopped comes back for them', async () => {
    assert.equal((await meet({})).released, 1);
    const record = recordOf({ rollout: { ...rollout, stopsSince: since } });
    assert.equal((await meet({ world: worldOf({ record, spec: declared() }) })).released, 0);
  });

  it('has what serves looked after at once when it is new to a rollout', async () => {
    const ended = async (record: Parameters<typeof recordOf>[0]) => (await meet({ world: worldOf({ record: recordOf(record) }) })).ended;
    assert.deepEqual(await ended({ rollout, serving }), { requeueAfterMs: 100 });
    assert.deepEqual(await ended({ rollout }), { requeueAfterMs: 30_000 });
    const waiting = { code: 'PORT_TAKEN', message: '', since, failures: 1, retryAt: new Date(worldNow + 60_000).toISOString() };
    assert.deepEqual(await ended({ rollout, serving, waiting }), { requeueAfterMs: 30_000 });
  });

  it('goes on as what it is when it is no obstacle', async () => {
    const fault = new TypeError('a fault in the program');
    await assert.rejects(meet({ thrown: fault }), fault);
  });
});
