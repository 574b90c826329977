import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyRecord } from '@kedge/shared/contracts';
import { createMemory } from './memory.ts';
import { container, service } from './testing/observed.ts';

const at = '2026-01-01T00:00:00.000Z';
const proxy = (beats: number, startedAt = at) =>
  ProxyRecord.parse({
    node: 'local',
    instance: 'p',
    container: null,
    startedAt,
    heartbeatAt: at,
    beats,
    goodbye: false,
    applied: {},
    open: {},
  });

describe('memory', () => {
  it('counts since when a container has neither name nor alias', () => {
    const memory = createMemory();
    const quiet = container({ name: 'web.1.0', hasAlias: false });
    assert.deepEqual([...memory.watchNames({ service, containers: [container()], nowMs: 0 })], []);
    assert.deepEqual([...memory.watchNames({ service, containers: [quiet], nowMs: 1_000 })], [['c1', 0]]);
    assert.deepEqual([...memory.watchNames({ service, containers: [quiet], nowMs: 4_000 })], [['c1', 3_000]]);
    assert.deepEqual([...memory.watchNames({ service, containers: [container({ name: 'web.1.0' })], nowMs: 5_000 })], []);
    assert.deepEqual([...memory.watchNames({ service, containers: [quiet], nowMs: 6_000 })], [['c1', 0]]);
  });

  it('counts for how long a proxy has been silent, from the first time that it is seen', () => {
    const memory = createMemory();
    assert.deepEqual(
      [
        memory.watchProxy(proxy(5), 0),
        memory.watchProxy(proxy(5), 700),
        memory.watchProxy(proxy(6), 900),
        memory.watchProxy(proxy(6), 950),
      ],
      [0, 700, 0, 50],
    );
    assert.equal(memory.watchProxy(proxy(6, '2026-01-02T00:00:00.000Z'), 2_000), 0);
    memory.forgetProxies();
    assert.equal(memory.watchProxy(proxy(6), 9_000), 0);
  });

  it('takes each thing for news once', () => {
    const memory = createMemory();
    assert.deepEqual([memory.isNews(service, 'a'), memory.isNews(service, 'a'), memory.isNews(service, 'b')], [true, false, true]);
  });
});
