import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { buckets, type CloudEvent, ConfigManifest, manifestKey, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { createApplyConfiguration, type Judged } from './apply-configuration.ts';
import { isStagedKey } from './core/configuration/staged-specs.ts';
import { countingBus } from './testing/counting-bus.ts';
import { invalid, valid } from './testing/judged.ts';
import { Killed, mortalBus } from './testing/mortal-bus.ts';
import { createTestClock } from './testing/test-clock.ts';

const clock = createTestClock();

describe('applying a configuration to a real bus', () => {
  let testBus: TestBus;
  let bus: Bus;
  const events: CloudEvent[] = [];
  let count = 0;

  before(async () => {
    testBus = await startTestBus();
    const cli = await testBus.connect('cli');
    cli.follow(['config.changed', 'config.rejected'], (event) => events.push(event));
  });
  after(async () => await testBus?.close());
  beforeEach(async () => await fresh());

  /** A node of its own, so that nothing is there yet. */
  async function fresh(): Promise<void> {
    count += 1;
    bus = await testBus.connect('watcher', { node: `n${count}` });
  }

  const manifest = async () => await bus.bucket('services', ConfigManifest).get(manifestKey(NodeName.parse(bus.node)));
  const specs = async () => {
    const entries = [...(await bus.bucket('services', ServiceEntry).readAll(bus.node)).values()];
    return Object.fromEntries(
      entries
        .map(({ value }) => [value.spec.service.name, { image: String(value.spec.service.image), hash: value.hash }] as const)
        .toSorted(),
    );
  };
  /** Keys of specs that no manifest put in force yet. */
  const waiting = async () =>
    [...(await bus.bucket('services', buckets.services.value).readEverything()).keys()].filter(
      (key) => key.startsWith(`${bus.node}.`) && isStagedKey(key),
    );
  /** Distinct events; the stream drops what comes twice under one id, a core subscriber hears it. */
  const said = (node: string = bus.node) => new Map(events.filter(({ kedgenode }) => kedgenode === node).map((event) => [event.id, event]));

  it('writes specs and manifest, says so once, and does nothing the second time', async () => {
    const configuration = createApplyConfiguration({ bus, clock });
    assert.equal((await configuration.apply(valid({ web: 'nginx:1', api: 'app:1' }))).outcome, 'applied');
    const first = await manifest();
    assert.equal((await configuration.apply(valid({ web: 'nginx:1', api: 'app:1' }))).outcome, 'unchanged');
    const second = await manifest();
    assert.equal(second?.revision, first?.revision);
    assert.deepEqual(Object.keys(first?.value.services ?? {}).toSorted(), Object.keys(await specs()));
    assert.equal(first?.value.owes, undefined);
    await waitUntil(() => said().size === 1);
  });

  it('removes what is no longer named, and not what is only held', async () => {
    const configuration = createApplyConfiguration({ bus, clock });
    await configuration.apply(valid({ aa: 'x', bb: 'x', cc: 'x' }));
    await configuration.apply(valid({ aa: 'x', bb: 'x' }));
    assert.deepEqual(Object.keys(await specs()), ['aa', 'bb']);
    assert.equal((await configuration.apply(valid({}))).outcome, 'held');
    assert.equal((await configuration.apply(valid({}))).outcome, 'unchanged');
    assert.deepEqual(Object.keys(await specs()), ['aa', 'bb']);
    assert.equal((await configuration.preview(valid({}))).manifest?.held?.removes.length, 2);
    assert.equal((await configuration.preview(valid({ aa: 'y', bb: 'x' }))).manifest?.held, undefined);
    assert.equal((await configuration.apply(valid({}), { agreed: {} })).outcome, 'applied');
    assert.deepEqual(await specs(), {});
    await waitUntil(() => said().size === 4);
    assert.deepEqual(
      [...said().values()].map(({ type }) => type),
      ['config.changed.v1', 'config.changed.v1', 'config.rejected.v1', 'config.changed.v1'],
    );
  });

  it('takes a yes for the revision that it was given to, and writes nothing for another', async () => {
    const configuration = createApplyConfiguration({ bus, clock });
    await configuration.apply(valid({ aa: 'x', bb: 'x' }));
    const shown = (await configuration.preview(valid({}))).manifest?.held;
    const before = await manifest();
    const other = await configuration.apply(valid({ cc: 'x' }), { agreed: { revision: shown?.revision } });
    assert.deepEqual([other.outcome, other.manifest?.held?.removes], ['not-agreed', ['aa', 'bb']]);
    assert.notEqual(other.manifest?.held?.revision, shown?.revision);
    const harmless = await configuration.apply(valid({ aa: 'y', bb: 'x' }), { agreed: { revision: shown?.revision } });
    assert.deepEqual([harmless.outcome, harmless.manifest?.held], ['not-agreed', undefined]);
    assert.equal((await configuration.apply(invalid('bad'), { agreed: { revision: shown?.revision } })).outcome, 'not-agreed');
    assert.deepEqual(await manifest(), before);

    const agreed = { agreed: { revision: shown?.revision } };
    assert.equal((await configuration.apply(valid({}), agreed)).outcome, 'applied');
    assert.deepEqual([await specs(), (await configuration.apply(valid({}), agreed)).outcome], [{}, 'unchanged']);
  });

  it('says a rejection once, also where there never was a configuration, and keeps what is in force', async () => {
    const configuration = createApplyConfiguration({ bus, clock });
    assert.deepEqual(await configuration.apply(invalid('bad')), { outcome: 'rejected', manifest: null });
    assert.deepEqual(await configuration.apply(invalid('bad')), { outcome: 'unchanged', manifest: null });
    assert.equal(await manifest(), null);
    await waitUntil(() => said().size === 1);

    await configuration.apply(valid({ web: 'nginx' }));
    const before = await specs();
    assert.equal((await configuration.apply(invalid('bad'))).outcome, 'rejected');
    assert.equal((await configuration.apply(invalid('bad'))).outcome, 'unchanged');
    assert.equal((await manifest())?.value.rejected?.problems[0]?.message, 'bad');
    assert.deepEqual(await specs(), before);
    assert.equal((await configuration.apply(valid({ web: 'nginx' }))).outcome, 'unchanged');
    assert.equal((await manifest())?.value.rejected, undefined);
    await waitUntil(() => said().size === 3);
  });

  it('lets two watchers write the same at the same time: one event', async () => {
    const second = await testBus.connect('watcher', { node: bus.node });
    const both = [createApplyConfiguration({ bus, clock }), createApplyConfiguration({ bus: second, clock })];
    const outcomes = await Promise.all(both.map(async (each) => (await each.apply(valid({ web: 'nginx', api: 'app' }))).outcome));
    assert.deepEqual(outcomes.toSorted(), ['applied', 'unchanged']);
    await waitUntil(() => said().size === 1);
    await Promise.all(both.map((each) => each.apply(valid({ web: 'nginx:2' }))));
    await waitUntil(() => said().size === 2);
  });

  it('heals a death at any call to the bus, before or after its effect, and says each change once', async () => {
    const before = { aa: 'x:1', bb: 'x:1', cc: 'x:1' };
    const wish = { aa: 'x:2', bb: 'x:1', dd: 'x:1' };
    const whole = mortalBus(bus, null);
    await createApplyConfiguration({ bus, clock }).apply(valid(before));
    await createApplyConfiguration({ bus: whole.bus, clock }).apply(valid(wish));
    const [wanted, revision] = [await specs(), (await manifest())?.value.revision];
    assert.ok(whole.calls() >= 7, `${whole.calls()} calls`);
    const nodes: string[] = [];

    for (let call = 1; call <= whole.calls(); call += 1) {
      for (const effect of [false, true]) {
        await fresh();
        nodes.push(bus.node);
        await createApplyConfiguration({ bus, clock }).apply(valid(before));
        const mortal = mortalBus(bus, { call, effect });
        await assert.rejects(createApplyConfiguration({ bus: mortal.bus, clock }).apply(valid(wish)), Killed);
        // Until the manifest is replaced all that it names is there.
        const between = await manifest();
        if (between?.value.revision !== revision)
          assert.deepEqual(hashes(await specs()), { ...hashes(await specs()), ...between?.value.services });

        await createApplyConfiguration({ bus, clock }).apply(valid(wish));
        assert.deepEqual(await specs(), wanted, `after a death at call ${call}`);
        assert.equal((await manifest())?.value.revision, revision);
        assert.equal((await manifest())?.value.owes, undefined);
        assert.deepEqual(await waiting(), []);
      }
    }
    for (const node of nodes) await waitUntil(() => said(node).size >= 2, { what: `two changes said on ${node}` });
    assert.deepEqual(
      nodes.map((node) => said(node).size),
      nodes.map(() => 2),
    );
  });

  const light = { afresh: false };

  it('tells a rename from a removal by the folder: not in another one, but in its own that is called otherwise', async () => {
    const other = valid({ bb: 'x' });
    assert.ok(other.kind === 'valid');
    const services = other.configuration.services.map((each) => ({ ...each, folder: 'aa' }));
    const renamed: Judged = { ...other, configuration: { ...other.configuration, services } };
    const outcome = async (folder: string, judged: Judged) =>
      (await createApplyConfiguration({ bus, clock, folder }).apply(judged)).outcome;
    assert.equal(await outcome('./one', valid({ aa: 'x' })), 'applied');
    assert.equal((await manifest())?.value.folder, './one');
    assert.equal(await outcome('./two', renamed), 'held');
    assert.equal(await outcome('./one/', renamed), 'applied');
  });

  it('goes on from what a process that died had named: completed once, and not read again for the next change', async () => {
    const [before, wish] = [
      { aa: 'x:1', bb: 'x:1' },
      { aa: 'x:2', bb: 'x:1' },
    ];
    const whole = mortalBus(bus, null);
    await createApplyConfiguration({ bus, clock }).apply(valid(before));
    await createApplyConfiguration({ bus: whole.bus, clock }).apply(valid(wish));
    for (let call = 1; call <= whole.calls(); call += 1) {
      await fresh();
      await createApplyConfiguration({ bus, clock }).apply(valid(before));
      await assert.rejects(createApplyConfiguration({ bus: mortalBus(bus, { call, effect: true }).bus, clock }).apply(valid(wish)), Killed);
      const { bus: watched, wholeReads } = countingBus(bus);
      const next = createApplyConfiguration({ bus: watched, clock });
      await next.apply(valid(wish), light);
      assert.equal((await next.apply(valid({ aa: 'x:3', bb: 'x:1' }), light)).outcome, 'applied');
      assert.equal(wholeReads(), 1, `after a death at call ${call}`);
    }
  });

  it('reads only the manifest for a change, as long as nobody else wrote', async () => {
    const { bus: watched, wholeReads } = countingBus(bus);
    const configuration = createApplyConfiguration({ bus: watched, clock });
    await configuration.apply(valid({ aa: 'x:1', bb: 'x:1', cc: 'x:1' }), light);
    assert.equal(wholeReads(), 1);
    assert.equal((await configuration.apply(valid({ aa: 'x:2', bb: 'x:1', cc: 'x:1' }), light)).outcome, 'applied');
    assert.equal((await configuration.apply(valid({ aa: 'x:3', cc: 'x:1', dd: 'x:1' }), light)).outcome, 'applied');
    assert.equal((await configuration.apply(invalid('bad'), light)).outcome, 'rejected');
    assert.equal((await configuration.apply(valid({}), light)).outcome, 'held');
    assert.equal((await configuration.apply(valid({ aa: 'x:3', cc: 'x:1', dd: 'x:1' }), light)).outcome, 'unchanged');
    assert.equal(wholeReads(), 1);
    const inKv = await specs();
    assert.deepEqual(Object.fromEntries(Object.keys(inKv).map((name) => [name, inKv[name]?.image])), { aa: 'x:3', cc: 'x:1', dd: 'x:1' });
    assert.deepEqual(hashes(await specs()), (await manifest())?.value.services);
    assert.deepEqual(await waiting(), []);
    await configuration.apply(valid({ aa: 'x:3', cc: 'x:1', dd: 'x:1' }));
    assert.equal(wholeReads(), 2);
  });

  it('reads everything again once another watcher wrote', async () => {
    const { bus: watched, wholeReads } = countingBus(bus);
    const configuration = createApplyConfiguration({ bus: watched, clock });
    await configuration.apply(valid({ aa: 'x:1', bb: 'x:1' }));
    await createApplyConfiguration({ bus, clock }).apply(valid({ aa: 'x:2', bb: 'x:1' }));
    assert.equal((await configuration.apply(valid({ aa: 'x:2', bb: 'x:1' }), light)).outcome, 'unchanged');
    assert.equal((await configuration.apply(valid({ aa: 'x:2', bb: 'x:2' }), light)).outcome, 'applied');
    assert.equal(wholeReads(), 2);
    assert.deepEqual(hashes(await specs()), (await manifest())?.value.services);
  });

  it('notices what somebody did to a spec: at the write that is refused, or in the pass that reads everything', async () => {
    const { bus: watched, wholeReads } = countingBus(bus);
    const configuration = createApplyConfiguration({ bus: watched, clock });
    await configuration.apply(valid({ aa: 'x:1', bb: 'x:1' }));
    const lose = async (name: string) => {
      const bucket = bus.bucket('services', ServiceEntry);
      const found = await bucket.get(`${bus.node}.${name}`);
      assert.ok(found && (await bucket.delete(found.key, found.revision)));
    };
    const imagesNow = async () => Object.values(await specs()).map(({ image }) => image);

    await lose('aa');
    await configuration.apply(valid({ aa: 'x:2', bb: 'x:1' }), light);
    assert.deepEqual([wholeReads(), await imagesNow()], [2, ['x:2', 'x:1']]);
    await lose('bb');
    await configuration.apply(valid({ aa: 'x:3', bb: 'x:1' }), light);
    assert.deepEqual([wholeReads(), await imagesNow()], [2, ['x:3']]);
    await configuration.apply(valid({ aa: 'x:3', bb: 'x:1' }));
    assert.deepEqual([wholeReads(), await imagesNow()], [3, ['x:3', 'x:1']]);
  });

  it('comes to the same end with the same process when any one call fails, before or after its effect', async () => {
    const first = { aa: 'x:1', bb: 'x:1', cc: 'x:1' };
    const second = { aa: 'x:2', bb: 'x:1', dd: 'x:1' };
    const third = { aa: 'x:3', bb: 'x:2', dd: 'x:1' };
    const whole = mortalBus(bus, null);
    const all = createApplyConfiguration({ bus: whole.bus, clock });
    await all.apply(valid(first), light);
    const before = whole.calls();
    await all.apply(valid(second), light);
    const after = whole.calls();
    await all.apply(valid(third), light);
    const wanted = await specs();
    assert.ok(after - before >= 7, `${after - before} calls`);

    for (let call = before + 1; call <= after; call += 1) {
      for (const effect of [false, true]) {
        await fresh();
        const configuration = createApplyConfiguration({ bus: mortalBus(bus, { call, effect, passes: true }).bus, clock });
        await configuration.apply(valid(first), light);
        await assert.rejects(configuration.apply(valid(second), light), Killed);
        await configuration.apply(valid(third), light);
        assert.deepEqual(await specs(), wanted, `after call ${call} failed`);
        assert.deepEqual(hashes(await specs()), (await manifest())?.value.services);
        assert.deepEqual(await waiting(), []);
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
      const whole = mortalBus(bus, null);
      await createApplyConfiguration({ bus, clock }).apply(valid(before));
      await createApplyConfiguration({ bus: whole.bus, clock }).apply(valid(wish));
      const wanted = await specs();
      const revisions = new Set<string | undefined>();

      for (let call = 1; call <= whole.calls(); call += 1) {
        for (const effect of [false, true]) {
          await fresh();
          await createApplyConfiguration({ bus, clock }).apply(valid(before));
          const mortal = mortalBus(bus, { call, effect });
          await assert.rejects(createApplyConfiguration({ bus: mortal.bus, clock }).apply(valid(wish)), Killed);

          assert.equal((await createApplyConfiguration({ bus, clock }).apply(judged)).outcome, what === 'held' ? 'held' : 'rejected');
          const inForce = (await manifest())?.value;
          revisions.add(inForce?.revision);
          assert.deepEqual(hashes(await specs()), inForce?.services, `after a death at call ${call}`);
          assert.equal(inForce?.owes, undefined);

          await createApplyConfiguration({ bus, clock }).apply(valid(wish));
          assert.deepEqual(await specs(), wanted);
          assert.deepEqual(await waiting(), []);
        }
      }
      assert.equal(revisions.size, 2, 'it died before and after the manifest');
    });
  }
});

function hashes(specs: Readonly<Record<string, { readonly hash: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(specs).map(([name, { hash }]) => [name, hash]));
}
