import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LeaseEntry, ProxyRecord, placeKey } from '@kedge/shared/contracts';
import { wait } from '@kedge/shared/kernel';
import { silentLog, startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { createHandOver } from './hand-over.ts';

describe('what a leaving proxy hears on the bus', () => {
  let testBus: TestBus;

  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus.close());

  it('is what the reconciler says of its place', async () => {
    const [reconciler, bus] = [await testBus.connect('reconciler'), await testBus.connect('proxy', { instance: 'leaves' })];
    const now = new Date().toISOString();
    const record = ProxyRecord.parse({
      node: bus.node,
      instance: bus.instance,
      container: 'c0',
      startedAt: now,
      heartbeatAt: now,
      beats: 1,
      goodbye: false,
      leaving: true,
      applied: {},
      open: {},
    });
    await bus.bucket('proxies', ProxyRecord).create(`${bus.node}.${bus.instance}`, record);
    let over = false;
    const handOver = createHandOver({
      bus,
      container: 'c0',
      leave: () => undefined,
      whoListens: async () => await Promise.resolve(new Set(['own'])),
      ownSockets: () => 1,
      withinMs: 600_000,
      atMostMs: 600_000,
      pause: wait,
      log: silentLog(),
    });
    const leaving = handOver().then(() => {
      over = true;
    });
    const places = reconciler.bucket('leases', LeaseEntry);
    const key = placeKey(bus.node, 'c0');
    const promised = await places.create(key, { holder: 'new', takenAt: new Date().toISOString() });
    assert.ok(promised);
    assert.equal(over, false);
    assert.ok(await places.update(key, { holder: 'nobody', takenAt: new Date().toISOString() }, promised));
    await waitUntil(() => over, { timeoutMs: 60_000 });
    await leaving;
  });
});
