import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReleaseRecord, releaseName } from '@kedge/shared/contracts';
import { type ComingUp, createComingUpFinder } from './find-coming-up.ts';
import type { World } from './observe-service.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared, rolloutTo } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';

const at = new Date(worldNow).toISOString();
const pinned = { image: `app@${digestOf('v1')}`, restart: 'always' };
const spec = declared({ service: pinned });
const { source, id } = rolloutTo('v1');
const serving = {
  release: releaseName(spec, digestOf('v1')),
  image: spec.service.image,
  digest: digestOf('v1'),
  source,
  rollout: id,
  since: at,
  spec,
};
const left: Partial<ReleaseRecord> = { serving, leavingSince: at, takenDown: true };

async function find(changes: Partial<World>): Promise<ComingUp | null> {
  const stores = openStores(
    createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(worldNow), monotonicMs: () => 0 } }),
  );
  const findComingUp = createComingUpFinder({ stores, engine: { image: async () => null } });
  return await findComingUp(worldOf({ down: { since: at, actor: 'ann' }, spec: null, declared: spec, ...changes }));
}

describe('what comes up again', () => {
  it('is what served', async () =>
    assert.deepEqual(await find({ record: recordOf(left) }), {
      service: 'web',
      image: spec.service.image,
      reason: 'it comes up as it was',
    }));

  it('is that also where something newer is declared by now, and says so', async () => {
    const found = await find({ declared: declared({ service: pinned, env: { A: 'b' } }), record: recordOf(left) });
    assert.equal(found?.reason, 'it comes up as it was; what served comes up before something newer takes its place');
  });

  it('is what never served, or is forgotten', async () => {
    for (const record of [null, recordOf({ ...left, goneAt: at })])
      assert.match((await find({ record }))?.reason ?? '', /^it has no release yet; /);
  });

  it('is told with what keeps it from that', async () => {
    const found = await find({ declared: declared({ service: { image: 'app:typo' } }) });
    assert.deepEqual([found?.image, found?.problem?.code], ['app:typo', 'IMAGE_UNRESOLVED']);
  });

  it('is nothing that is declared no more, that a trigger starts, or that had ended', async () => {
    assert.equal(await find({ declared: null, record: recordOf(left) }), null);
    assert.equal(await find({ declared: declared({ service: pinned, dispenser: { watch: true, initialize: 'on-trigger' } }) }), null);
    const job = declared({ service: { image: pinned.image }, dispenser: { watch: true, initialize: 'on-trigger' } });
    assert.equal(
      await find({
        declared: job,
        record: recordOf({ ...left, serving: { ...serving, release: releaseName(job, digestOf('v1')), spec: job } }),
      }),
      null,
    );
  });
});
