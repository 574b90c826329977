import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { type ConfigurationRig, hashesOf, startConfigurationRig } from './testing/configuration-rig.ts';
import { countingBus } from './testing/counting-bus.ts';
import { invalid, valid } from './testing/judged.ts';
import { Killed, mortalBus } from './testing/mortal-bus.ts';

/** A pass for a change: it need not read what it knows. */
const light = { afresh: false };

describe('a configuration that is applied by somebody who dies', () => {
  let rig: ConfigurationRig;
  before(async () => {
    rig = await startConfigurationRig();
  });
  after(async () => await rig?.close());
  beforeEach(async () => await rig.fresh());

  it('heals a death at any call to the bus, before or after its effect, and says each change once', async () => {
    const before = { aa: 'x:1', bb: 'x:1', cc: 'x:1' };
    const wish = { aa: 'x:2', bb: 'x:1', dd: 'x:1' };
    const whole = mortalBus(rig.bus, null);
    await rig.watcher().apply(valid(before));
    await rig.watcher({ bus: whole.bus }).apply(valid(wish));
    const [wanted, revision] = [await rig.specs(), (await rig.manifest())?.value.revision];
    assert.ok(whole.calls() >= 7, `${whole.calls()} calls`);
    const nodes: string[] = [];

    for (let call = 1; call <= whole.calls(); call += 1) {
      for (const effect of [false, true]) {
        await rig.fresh();
        nodes.push(rig.bus.node);
        await rig.watcher().apply(valid(before));
        const mortal = mortalBus(rig.bus, { call, effect });
        await assert.rejects(rig.watcher({ bus: mortal.bus }).apply(valid(wish)), Killed);
        // Until the manifest is replaced all that it names is there.
        const between = await rig.manifest();
        if (between?.value.revision !== revision)
          assert.deepEqual(hashesOf(await rig.specs()), { ...hashesOf(await rig.specs()), ...between?.value.services });

        await rig.watcher().apply(valid(wish));
        assert.deepEqual(await rig.specs(), wanted, `after a death at call ${call}`);
        assert.equal((await rig.manifest())?.value.revision, revision);
        assert.equal((await rig.manifest())?.value.owes, undefined);
        assert.deepEqual(await rig.waiting(), []);
      }
    }
    for (const node of nodes) await waitUntil(() => rig.said(node).size >= 2, { what: `two changes said on ${node}` });
    assert.deepEqual(
      nodes.map((node) => rig.said(node).size),
      nodes.map(() => 2),
    );
  });

  it('goes on from what a process that died had named: completed once, and not read again for the next change', async () => {
    const [before, wish] = [
      { aa: 'x:1', bb: 'x:1' },
      { aa: 'x:2', bb: 'x:1' },
    ];
    const whole = mortalBus(rig.bus, null);
    await rig.watcher().apply(valid(before));
    await rig.watcher({ bus: whole.bus }).apply(valid(wish));
    for (let call = 1; call <= whole.calls(); call += 1) {
      await rig.fresh();
      await rig.watcher().apply(valid(before));
      await assert.rejects(rig.watcher({ bus: mortalBus(rig.bus, { call, effect: true }).bus }).apply(valid(wish)), Killed);
      const { bus: watched, wholeReads } = countingBus(rig.bus);
      const next = rig.watcher({ bus: watched });
      await next.apply(valid(wish), light);
      assert.equal((await next.apply(valid({ aa: 'x:3', bb: 'x:1' }), light)).outcome, 'applied');
      assert.equal(wholeReads(), 1, `after a death at call ${call}`);
    }
  });

  it('comes to the same end with the same process when any one call fails, before or after its effect', async () => {
    const first = { aa: 'x:1', bb: 'x:1', cc: 'x:1' };
    const second = { aa: 'x:2', bb: 'x:1', dd: 'x:1' };
    const third = { aa: 'x:3', bb: 'x:2', dd: 'x:1' };
    const whole = mortalBus(rig.bus, null);
    const all = rig.watcher({ bus: whole.bus });
    await all.apply(valid(first), light);
    const before = whole.calls();
    await all.apply(valid(second), light);
    const after = whole.calls();
    await all.apply(valid(third), light);
    const wanted = await rig.specs();
    assert.ok(after - before >= 7, `${after - before} calls`);

    for (let call = before + 1; call <= after; call += 1) {
      for (const effect of [false, true]) {
        await rig.fresh();
        const configuration = rig.watcher({ bus: mortalBus(rig.bus, { call, effect, passes: true }).bus });
        await configuration.apply(valid(first), light);
        await assert.rejects(configuration.apply(valid(second), light), Killed);
        await configuration.apply(valid(third), light);
        assert.deepEqual(await rig.specs(), wanted, `after call ${call} failed`);
        assert.deepEqual(hashesOf(await rig.specs()), (await rig.manifest())?.value.services);
        assert.deepEqual(await rig.waiting(), []);
      }
    }
  });

  for (const [what, judged] of [
    ['invalid', invalid('bad')],
    ['held', valid({})],
  ] as const) {
    it(`keeps in force what the manifest names when it died at any call and the folder is ${what} by then`, async () => {
      const before = { aa: 'x:1', bb: 'x:1' };
      const wish = { aa: 'x:2', bb: 'x:2' };
      const whole = mortalBus(rig.bus, null);
      await rig.watcher().apply(valid(before));
      await rig.watcher({ bus: whole.bus }).apply(valid(wish));
      const wanted = await rig.specs();
      const revisions = new Set<string | undefined>();

      for (let call = 1; call <= whole.calls(); call += 1) {
        for (const effect of [false, true]) {
          await rig.fresh();
          await rig.watcher().apply(valid(before));
          const mortal = mortalBus(rig.bus, { call, effect });
          await assert.rejects(rig.watcher({ bus: mortal.bus }).apply(valid(wish)), Killed);

          assert.equal((await rig.watcher().apply(judged)).outcome, what === 'held' ? 'held' : 'rejected');
          const inForce = (await rig.manifest())?.value;
          revisions.add(inForce?.revision);
          assert.deepEqual(hashesOf(await rig.specs()), inForce?.services, `after a death at call ${call}`);
          assert.equal(inForce?.owes, undefined);

          await rig.watcher().apply(valid(wish));
          assert.deepEqual(await rig.specs(), wanted);
          assert.deepEqual(await rig.waiting(), []);
        }
      }
      assert.equal(revisions.size, 2, 'it died before and after the manifest');
    });
  }
});
