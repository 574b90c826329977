import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { owe } from '@kedge/shared/bus';
import { NodeName, type ScheduleEntry, ServiceName } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import type { Schedule } from '../ports.ts';
import { createBusSchedule } from './bus-schedule.ts';

const service = ServiceName.parse('a.job');
const value: ScheduleEntry = {
  node: NodeName.parse('local'),
  service,
  cron: '@daily',
  zone: 'UTC',
  last: null,
  next: '2026-01-02T00:00:00.000Z',
};
const due = owe('job.due', { service, instant: '2026-01-02T00:00:00.000Z' }, { service, now: new Date('2026-01-02T00:00:00.001Z') });

describe('the schedule on the bus', () => {
  let testBus: TestBus;
  let one: Schedule;
  let two: Schedule;
  const seen: string[] = [];

  before(async () => {
    testBus = await startTestBus();
    [one, two] = (await Promise.all([testBus.connect('scheduler'), testBus.connect('scheduler')])).map(createBusSchedule) as [
      Schedule,
      Schedule,
    ];
    (await testBus.connect('cli')).follow(['job.due'], ({ id }) => seen.push(id));
  });
  after(async () => await testBus?.close());

  it('lets one of two schedulers write and say, and tells the other', async () => {
    assert.equal(await one.read(service), null);
    const first = await one.write(null, value);
    assert.ok(first);
    assert.equal(await two.write(null, value), null);
    assert.deepEqual(await two.services(), [service]);

    const fired: ScheduleEntry = { ...value, last: value.next, owes: [due] };
    const results = await Promise.all([one.write(first, fired), two.write(first, fired)]);
    const [winner] = results.filter((result) => result !== null);
    assert.equal(results.filter((result) => result === null).length, 1);
    assert.deepEqual(winner?.value, { ...value, last: value.next });
    assert.deepEqual((await two.read(service))?.value, winner?.value);
    await waitUntil(() => seen.length > 0, { what: 'the event' });
    assert.deepEqual(seen, [`job.due/local.a.job/${first.revision + 1}`]);
  });

  it('removes what nobody wrote meanwhile, and can be written again', async () => {
    const stale = await one.read(service);
    assert.ok(stale);
    const newer = await two.write(stale, { ...stale.value, next: null });
    await one.remove(stale);
    assert.deepEqual((await one.read(service))?.revision, newer?.revision);
    assert.ok(newer);
    await one.remove(newer);
    assert.equal(await two.read(service), null);
    assert.ok(await two.write(null, value));
  });
});
