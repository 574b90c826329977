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
