import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { buckets, type CloudEvent, ConfigManifest, rejectionKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { createApplyConfiguration } from './apply-configuration.ts';
import { invalid, valid } from './testing/judged.ts';
import { Killed, mortalBus } from './testing/mortal-bus.ts';
import { createTestClock } from './testing/test-clock.ts';

const clock = createTestClock();

describe('rejecting a configuration before anything was ever in force', () => {
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

  const ourKeys = async () =>
    [...(await bus.bucket('services', buckets.services.value).readEverything()).keys()].filter((key) => key.startsWith(`${bus.node}.`));
  /** Distinct events; the stream drops what comes twice under one id, a core subscriber hears it. */
  const said = () => new Map(events.filter(({ kedgenode }) => kedgenode === bus.node).map((event) => [event.id, event]));

  it('says the first rejection once, whoever reads it and however often it restarts, and forgets it with the first manifest', async () => {
    const second = await testBus.connect('watcher', { node: bus.node });
    const both = [createApplyConfiguration({ bus, clock }), createApplyConfiguration({ bus: second, clock })];
    const outcomes = await Promise.all(both.map(async (each) => (await each.apply(invalid('bad'))).outcome));
    assert.deepEqual(outcomes.toSorted(), ['rejected', 'unchanged']);
    assert.equal((await createApplyConfiguration({ bus, clock }).apply(invalid('bad'))).outcome, 'unchanged');
    assert.deepEqual(await ourKeys(), [rejectionKey(bus.node)], 'and there is no manifest');
    const remembered = async () => await bus.bucket('services', ConfigManifest).get(rejectionKey(bus.node));
    assert.equal((await remembered())?.value.owes, undefined);

    assert.equal((await createApplyConfiguration({ bus, clock }).apply(invalid('worse'))).outcome, 'rejected');
    assert.equal((await createApplyConfiguration({ bus, clock }).apply(valid({ web: 'nginx' }))).outcome, 'applied');
    assert.equal(await remembered(), null);
    await waitUntil(() => said().size === 3);
    assert.deepEqual(
      [...said().values()].map(({ type }) => type),
      ['config.rejected.v1', 'config.rejected.v1', 'config.changed.v1'],
    );
  });

  it('says the first rejection although it dies at any call, and once', async () => {
    const whole = mortalBus(bus, null);
    await createApplyConfiguration({ bus: whole.bus, clock }).apply(invalid('bad'));
    assert.ok(whole.calls() >= 4, `${whole.calls()} calls`);
    for (let call = 1; call <= whole.calls(); call += 1) {
      for (const effect of [false, true]) {
        await fresh();
        await assert.rejects(createApplyConfiguration({ bus: mortalBus(bus, { call, effect }).bus, clock }).apply(invalid('bad')), Killed);
        await createApplyConfiguration({ bus, clock }).apply(invalid('bad'));
        assert.deepEqual(await ourKeys(), [rejectionKey(bus.node)], `after a death at call ${call}`);
        await createApplyConfiguration({ bus, clock }).apply(valid({ web: 'nginx' }));
        assert.deepEqual((await ourKeys()).toSorted(), [`${bus.node}._config`, `${bus.node}.web`]);
        await waitUntil(() => said().size >= 2);
        assert.deepEqual(
          [...said().values()].map(({ type }) => type),
          ['config.rejected.v1', 'config.changed.v1'],
        );
      }
    }
  });
});
