import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ConfigManifest, rejectionKey } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { type ConfigurationRig, startConfigurationRig } from './testing/configuration-rig.ts';
import { invalid, valid } from './testing/judged.ts';
import { Killed, mortalBus } from './testing/mortal-bus.ts';

describe('rejecting a configuration before anything was ever in force', () => {
  let rig: ConfigurationRig;
  before(async () => {
    rig = await startConfigurationRig();
  });
  after(async () => await rig?.close());
  beforeEach(async () => await rig.fresh());

  it('says the first rejection once, whoever reads it and however often it restarts, and forgets it with the first manifest', async () => {
    const second = await rig.second();
    const both = [rig.watcher(), rig.watcher({ bus: second })];
    const outcomes = await Promise.all(both.map(async (each) => (await each.apply(invalid('bad'))).outcome));
    assert.deepEqual(outcomes.toSorted(), ['rejected', 'unchanged']);
    assert.equal((await rig.watcher().apply(invalid('bad'))).outcome, 'unchanged');
    assert.deepEqual(await rig.keys(), [rejectionKey(rig.bus.node)], 'and there is no manifest');
    const remembered = async () => await rig.bus.bucket('services', ConfigManifest).get(rejectionKey(rig.bus.node));
    assert.equal((await remembered())?.value.owes, undefined);

    assert.equal((await rig.watcher().apply(invalid('worse'))).outcome, 'rejected');
    assert.equal((await rig.watcher().apply(valid({ web: 'nginx' }))).outcome, 'applied');
    assert.equal(await remembered(), null);
    await waitUntil(() => rig.said().size === 3);
    assert.deepEqual(
      [...rig.said().values()].map(({ type }) => type),
      ['config.rejected.v1', 'config.rejected.v1', 'config.changed.v1'],
    );
  });

  it('says the first rejection although it dies at any call, and once', async () => {
    const whole = mortalBus(rig.bus, null);
    await rig.watcher({ bus: whole.bus }).apply(invalid('bad'));
    assert.ok(whole.calls() >= 4, `${whole.calls()} calls`);
    for (let call = 1; call <= whole.calls(); call += 1) {
      for (const effect of [false, true]) {
        await rig.fresh();
        await assert.rejects(rig.watcher({ bus: mortalBus(rig.bus, { call, effect }).bus }).apply(invalid('bad')), Killed);
        await rig.watcher().apply(invalid('bad'));
        assert.deepEqual(await rig.keys(), [rejectionKey(rig.bus.node)], `after a death at call ${call}`);
        await rig.watcher().apply(valid({ web: 'nginx' }));
        assert.deepEqual((await rig.keys()).toSorted(), [`${rig.bus.node}._config`, `${rig.bus.node}.web`]);
        await waitUntil(() => rig.said().size >= 2);
        assert.deepEqual(
          [...rig.said().values()].map(({ type }) => type),
          ['config.rejected.v1', 'config.changed.v1'],
        );
      }
    }
  });
});
