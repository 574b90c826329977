import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import type { Judged } from './apply-configuration.ts';
import { type ConfigurationRig, startConfigurationRig } from './testing/configuration-rig.ts';
import { invalid, valid } from './testing/judged.ts';

describe('applying a configuration to a real bus', () => {
  let rig: ConfigurationRig;
  before(async () => {
    rig = await startConfigurationRig();
  });
  after(async () => await rig?.close());
  beforeEach(async () => await rig.fresh());

  it('writes specs and manifest, says so once, and does nothing the second time', async () => {
    const configuration = rig.watcher();
    assert.equal((await configuration.apply(valid({ web: 'nginx:1', api: 'app:1' }))).outcome, 'applied');
    const first = await rig.manifest();
    assert.equal((await configuration.apply(valid({ web: 'nginx:1', api: 'app:1' }))).outcome, 'unchanged');
    const second = await rig.manifest();
    assert.equal(second?.revision, first?.revision);
    assert.deepEqual(Object.keys(first?.value.services ?? {}).toSorted(), Object.keys(await rig.specs()));
    assert.equal(first?.value.owes, undefined);
    await waitUntil(() => rig.said().size === 1);
  });

  it('removes what is no longer named, and not what is only held', async () => {
    const configuration = rig.watcher();
    await configuration.apply(valid({ aa: 'x', bb: 'x', cc: 'x' }));
    await configuration.apply(valid({ aa: 'x', bb: 'x' }));
    assert.deepEqual(Object.keys(await rig.specs()), ['aa', 'bb']);
    assert.equal((await configuration.apply(valid({}))).outcome, 'held');
    assert.equal((await configuration.apply(valid({}))).outcome, 'unchanged');
    assert.deepEqual(Object.keys(await rig.specs()), ['aa', 'bb']);
    assert.equal((await configuration.preview(valid({}))).manifest?.held?.removes.length, 2);
    assert.equal((await configuration.preview(valid({ aa: 'y', bb: 'x' }))).manifest?.held, undefined);
    assert.equal((await configuration.apply(valid({}), { agreed: {} })).outcome, 'applied');
    assert.deepEqual(await rig.specs(), {});
    await waitUntil(() => rig.said().size === 4);
    assert.deepEqual(
      [...rig.said().values()].map(({ type }) => type),
      ['config.changed.v1', 'config.changed.v1', 'config.rejected.v1', 'config.changed.v1'],
    );
  });

  it('takes a yes for the revision that it was given to, and writes nothing for another', async () => {
    const configuration = rig.watcher();
    await configuration.apply(valid({ aa: 'x', bb: 'x' }));
    const shown = (await configuration.preview(valid({}))).manifest?.held;
    const before = await rig.manifest();
    const other = await configuration.apply(valid({ cc: 'x' }), { agreed: { revision: shown?.revision } });
    assert.deepEqual([other.outcome, other.manifest?.held?.removes], ['not-agreed', ['aa', 'bb']]);
    assert.notEqual(other.manifest?.held?.revision, shown?.revision);
    const harmless = await configuration.apply(valid({ aa: 'y', bb: 'x' }), { agreed: { revision: shown?.revision } });
    assert.deepEqual([harmless.outcome, harmless.manifest?.held], ['not-agreed', undefined]);
    assert.equal((await configuration.apply(invalid('bad'), { agreed: { revision: shown?.revision } })).outcome, 'not-agreed');
    assert.deepEqual(await rig.manifest(), before);

    const agreed = { agreed: { revision: shown?.revision } };
    assert.equal((await configuration.apply(valid({}), agreed)).outcome, 'applied');
    assert.deepEqual([await rig.specs(), (await configuration.apply(valid({}), agreed)).outcome], [{}, 'unchanged']);
  });

  it('says a rejection once, also where there never was a configuration, and keeps what is in force', async () => {
    const configuration = rig.watcher();
    assert.deepEqual(await configuration.apply(invalid('bad')), { outcome: 'rejected', manifest: null });
    assert.deepEqual(await configuration.apply(invalid('bad')), { outcome: 'unchanged', manifest: null });
    assert.equal(await rig.manifest(), null);
    await waitUntil(() => rig.said().size === 1);

    await configuration.apply(valid({ web: 'nginx' }));
    const before = await rig.specs();
    assert.equal((await configuration.apply(invalid('bad'))).outcome, 'rejected');
    assert.equal((await configuration.apply(invalid('bad'))).outcome, 'unchanged');
    assert.equal((await rig.manifest())?.value.rejected?.problems[0]?.message, 'bad');
    assert.deepEqual(await rig.specs(), before);
    assert.equal((await configuration.apply(valid({ web: 'nginx' }))).outcome, 'unchanged');
    assert.equal((await rig.manifest())?.value.rejected, undefined);
    await waitUntil(() => rig.said().size === 3);
  });

  it('lets two watchers write the same at the same time: one event', async () => {
    const second = await rig.second();
    const both = [rig.watcher(), rig.watcher({ bus: second })];
    const outcomes = await Promise.all(both.map(async (each) => (await each.apply(valid({ web: 'nginx', api: 'app' }))).outcome));
    assert.deepEqual(outcomes.toSorted(), ['applied', 'unchanged']);
    await waitUntil(() => rig.said().size === 1);
    await Promise.all(both.map((each) => each.apply(valid({ web: 'nginx:2' }))));
    await waitUntil(() => rig.said().size === 2);
  });

  it('tells a rename from a removal by the folder: not in another one, but in its own that is called otherwise', async () => {
    const other = valid({ bb: 'x' });
    assert.ok(other.kind === 'valid');
    const services = other.configuration.services.map((each) => ({ ...each, folder: 'aa' }));
    const renamed: Judged = { ...other, configuration: { ...other.configuration, services } };
    const outcome = async (folder: string, judged: Judged) => (await rig.watcher({ folder }).apply(judged)).outcome;
    assert.equal(await outcome('./one', valid({ aa: 'x' })), 'applied');
    assert.equal((await rig.manifest())?.value.folder, './one');
    assert.equal(await outcome('./two', renamed), 'held');
    assert.equal(await outcome('./one/', renamed), 'applied');
  });
});
