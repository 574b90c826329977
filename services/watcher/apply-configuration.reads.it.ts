import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ServiceEntry } from '@kedge/shared/contracts';
import { type ConfigurationRig, hashesOf, startConfigurationRig } from './testing/configuration-rig.ts';
import { countingBus } from './testing/counting-bus.ts';
import { invalid, valid } from './testing/judged.ts';

/** A pass for a change: it need not read what it knows. */
const light = { afresh: false };

describe('what is read of the bus to apply a configuration', () => {
  let rig: ConfigurationRig;
  before(async () => {
    rig = await startConfigurationRig();
  });
  after(async () => await rig?.close());
  beforeEach(async () => await rig.fresh());

  it('reads only the manifest for a change, as long as nobody else wrote', async () => {
    const { bus: watched, wholeReads } = countingBus(rig.bus);
    const configuration = rig.watcher({ bus: watched });
    await configuration.apply(valid({ aa: 'x:1', bb: 'x:1', cc: 'x:1' }), light);
    assert.equal(wholeReads(), 1);
    assert.equal((await configuration.apply(valid({ aa: 'x:2', bb: 'x:1', cc: 'x:1' }), light)).outcome, 'applied');
    assert.equal((await configuration.apply(valid({ aa: 'x:3', cc: 'x:1', dd: 'x:1' }), light)).outcome, 'applied');
    assert.equal((await configuration.apply(invalid('bad'), light)).outcome, 'rejected');
    assert.equal((await configuration.apply(valid({}), light)).outcome, 'held');
    assert.equal((await configuration.apply(valid({ aa: 'x:3', cc: 'x:1', dd: 'x:1' }), light)).outcome, 'unchanged');
    assert.equal(wholeReads(), 1);
    const inKv = await rig.specs();
    assert.deepEqual(Object.fromEntries(Object.keys(inKv).map((name) => [name, inKv[name]?.image])), { aa: 'x:3', cc: 'x:1', dd: 'x:1' });
    assert.deepEqual(hashesOf(await rig.specs()), (await rig.manifest())?.value.services);
    assert.deepEqual(await rig.waiting(), []);
    await configuration.apply(valid({ aa: 'x:3', cc: 'x:1', dd: 'x:1' }));
    assert.equal(wholeReads(), 2);
  });

  it('reads everything again once another watcher wrote', async () => {
    const { bus: watched, wholeReads } = countingBus(rig.bus);
    const configuration = rig.watcher({ bus: watched });
    await configuration.apply(valid({ aa: 'x:1', bb: 'x:1' }));
    await rig.watcher().apply(valid({ aa: 'x:2', bb: 'x:1' }));
    assert.equal((await configuration.apply(valid({ aa: 'x:2', bb: 'x:1' }), light)).outcome, 'unchanged');
    assert.equal((await configuration.apply(valid({ aa: 'x:2', bb: 'x:2' }), light)).outcome, 'applied');
    assert.equal(wholeReads(), 2);
    assert.deepEqual(hashesOf(await rig.specs()), (await rig.manifest())?.value.services);
  });

  it('notices what somebody did to a spec: at the write that is refused, or in the pass that reads everything', async () => {
    const { bus: watched, wholeReads } = countingBus(rig.bus);
    const configuration = rig.watcher({ bus: watched });
    await configuration.apply(valid({ aa: 'x:1', bb: 'x:1' }));
    const lose = async (name: string) => {
      const bucket = rig.bus.bucket('services', ServiceEntry);
      const found = await bucket.get(`${rig.bus.node}.${name}`);
      assert.ok(found && (await bucket.delete(found.key, found.revision)));
    };
    const imagesNow = async () => Object.values(await rig.specs()).map(({ image }) => image);

    await lose('aa');
    await configuration.apply(valid({ aa: 'x:2', bb: 'x:1' }), light);
    assert.deepEqual([wholeReads(), await imagesNow()], [2, ['x:2', 'x:1']]);
    await lose('bb');
    await configuration.apply(valid({ aa: 'x:3', bb: 'x:1' }), light);
    assert.deepEqual([wholeReads(), await imagesNow()], [2, ['x:3']]);
    await configuration.apply(valid({ aa: 'x:3', bb: 'x:1' }));
    assert.deepEqual([wholeReads(), await imagesNow()], [3, ['x:3', 'x:1']]);
  });
});
