import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Bucket, Bus } from '@kedge/shared/bus';
import { NodeName, type OwedEvent, type ProxyRecord } from '@kedge/shared/contracts';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { createReporter } from './report-proofs.ts';

/** A proxy without routes, on a store of one key that is as slow as a test wants. */
class Desk {
  readonly said: string[] = [];
  readonly written: ProxyRecord[] = [];
  /** Resolves when the next write may end. */
  gate: Promise<void> = Promise.resolve();
  readonly reporter;
  #revision = 0;

  constructor(t: TestContext) {
    const write = async (value: ProxyRecord): Promise<number> => {
      this.written.push(value);
      await this.gate;
      this.#revision += 1;
      return this.#revision;
    };
    const records: Bucket<ProxyRecord> = {
      name: 'proxies',
      get: async () => null,
      create: async (_key, value) => await write(value),
      update: async (_key, value) => await write(value),
      readEverything: async () => new Map(),
      readAll: async () => new Map(),
      history: async () => [],
      delete: async () => true,
      globalRevision: async (revision) => `e.${revision}`,
    };
    const bus = {
      node: NodeName.parse('local'),
      instance: 'p1',
      isConnected: () => true,
      bucket: (() => records) as Bus['bucket'],
      publish: async (subject: OwedEvent['subject']) => void this.said.push(subject),
    };
    this.reporter = createReporter({
      bus: bus as Partial<Bus> as Bus,
      follower: { known: () => null, leaving: () => [], forget: () => undefined },
      openOf: () => 0,
      container: null,
      log: silentLog(),
    });
    t.after(() => this.reporter.close());
  }

  /** Whether the last record says that the proxy leaves. */
  leaves(): boolean {
    return this.written.at(-1)?.leaving === true;
  }
}

describe('a proxy that was asked to end', () => {
  it('says so in its record, and asks once who goes on', async (t) => {
    const desk = new Desk(t);
    desk.reporter.start();
    await waitUntil(() => desk.written.length === 1);
    desk.reporter.leave();
    await waitUntil(() => desk.leaves() && desk.said.length > 0);
    const written = desk.written.length;
    desk.reporter.wake();
    await waitUntil(() => desk.written.length > written);
    assert.deepEqual(desk.said, ['handover.requested']);
  });

  it('asks also when its record was just being written', async (t) => {
    const desk = new Desk(t);
    const written = Promise.withResolvers<void>();
    desk.gate = written.promise;
    desk.reporter.start();
    await waitUntil(() => desk.written.length === 1);
    desk.reporter.leave();
    desk.gate = Promise.resolve();
    written.resolve();
    await waitUntil(() => desk.leaves() && desk.said.length > 0);
    assert.deepEqual(desk.said, ['handover.requested']);
  });
});
