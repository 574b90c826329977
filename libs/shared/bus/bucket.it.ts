import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { Instant, NodeName, ScheduleEntry, ServiceName, serviceKey } from '../contracts/index.ts';
import { startTestBus, type TestBus } from '../testing/index.ts';
import type { Bus } from './bus.ts';

const node = NodeName.parse('local');
const service = ServiceName.parse('job');
const entry: ScheduleEntry = { node, service, cron: '* * * * *', zone: 'UTC', last: null, next: Instant.parse('2026-01-01T00:00:00.000Z') };

describe('a bucket that holds a value which does not fit its contract', () => {
  let testBus: TestBus;
  let scheduler: Bus;
  const key = serviceKey(node, service);

  before(async () => {
    testBus = await startTestBus();
    scheduler = await testBus.connect('scheduler');
    await scheduler.bucket('schedule', z.object({ from: z.string() })).create(key, { from: 'the future' });
  });
  after(async () => await testBus.close());

  it('is told of it when reading all, and finds nothing by its key', async () => {
    const unreadable: string[] = [];
    const found = await scheduler.bucket('schedule', ScheduleEntry).readAll(node, (each) => unreadable.push(each));
    assert.equal(found.size, 0);
    assert.deepEqual(unreadable, [key]);
    assert.equal(await scheduler.bucket('schedule', ScheduleEntry).get(key), null);
  });

  it('lets its owner write a first value over it, once', async () => {
    const schedule = scheduler.bucket('schedule', ScheduleEntry);
    assert.ok(await schedule.create(key, entry));
    assert.deepEqual((await schedule.get(key))?.value, entry);
    assert.equal(await schedule.create(key, entry), null);
  });
});

describe('reading a bucket over and over', () => {
  let testBus: TestBus;
  let scheduler: Bus;
  before(async () => {
    testBus = await startTestBus();
    scheduler = await testBus.connect('scheduler', { instance: 'reader' });
  });
  after(async () => await testBus.close());

  const keyOf = (number: number) => serviceKey(node, ServiceName.parse(`job-${number}`));

  async function subscriptions(): Promise<number> {
    const { output } = await testBus.container.exec(['wget', '-q', '-O', '-', 'http://127.0.0.1:8222/connz']);
    const { connections } = z
      .object({ connections: z.array(z.object({ name: z.string(), subscriptions: z.number() })) })
      .parse(JSON.parse(output));
    return connections.find(({ name }) => name === 'kedge scheduler/reader')?.subscriptions ?? -1;
  }

  it('leaves no subscription behind, whatever is read', async () => {
    const schedule = scheduler.bucket('schedule', ScheduleEntry);
    await schedule.create(keyOf(0), entry);
    const before = await subscriptions();
    for (let time = 0; time < 20; time += 1) {
      await schedule.readAll(node);
      await schedule.readEverything();
      await schedule.history(keyOf(0));
    }
    assert.equal((await schedule.history(keyOf(0))).length, 1);
    assert.ok(before > 0);
    assert.ok((await subscriptions()) <= before + 1);
  });

  it('knows nothing of a key that was never written, and of a node without any', async () => {
    const schedule = scheduler.bucket('schedule', ScheduleEntry);
    assert.deepEqual(await schedule.history(keyOf(99_999)), []);
    assert.equal((await schedule.readAll(NodeName.parse('elsewhere'))).size, 0);
  });

  it('reads whole pages to the last one, also when it is full', async () => {
    const schedule = scheduler.bucket('schedule', ScheduleEntry);
    await Promise.all(Array.from({ length: 1_499 }, async (_, number) => await schedule.create(keyOf(number + 1), entry)));
    assert.equal((await schedule.readAll(node)).size, 1_500);
  });
});
