import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bucket, Bus } from '@kedge/shared/bus';
import { NodeName, ProxyRecord } from '@kedge/shared/contracts';
import { silentLog } from '@kedge/shared/testing';
import type { HandOverOutcome } from './core/stop-schedule.ts';
import { createHandOver } from './hand-over.ts';
import { createPaperClock } from './testing/paper-clock.ts';

type Stored = 'proxies' | 'leases';
const forEver = 600_000;

/** A proxy that was asked to end, and everything that it can know of others. */
class Leaving {
  connected = true;
  /** Sockets on its port; the first one is its own. */
  readonly sockets: Set<string>;
  readonly #stored: Record<Stored, Map<string, unknown>> = { proxies: new Map(), leases: new Map() };
  readonly #clock = createPaperClock();
  outcome: HandOverOutcome | null = null;

  constructor({ withinMs = forEver, atMostMs = forEver, storeHangs = false, sockets = ['own'] } = {}) {
    this.sockets = new Set(sockets);
    const read = async (name: Stored) => {
      if (storeHangs) await new Promise(() => undefined);
      return new Map([...this.#stored[name]].map(([key, value]) => [key, { key, value, revision: 1, writtenAt: new Date() }]));
    };
    const bucket = (name: Stored) =>
      ({ readAll: async () => await read(name), readEverything: async () => await read(name) }) as Partial<Bucket<unknown>> as ReturnType<
        Bus['bucket']
      >;
    const handOver = createHandOver({
      bus: { node: NodeName.parse('local'), instance: 'own', isConnected: () => this.connected, bucket: bucket as Bus['bucket'] },
      container: 'c0',
      leave: () => this.write('own', { leaving: true }),
      whoListens: async () => await Promise.resolve(new Set(this.sockets)),
      ownSockets: () => 1,
      withinMs,
      atMostMs,
      pause: this.#clock.pause,
      log: silentLog(),
    });
    void handOver().then((outcome) => {
      this.outcome = outcome;
    });
  }

  write(instance: string, rest: Partial<ProxyRecord> = {}): void {
    const now = new Date(Date.now() + 1_000).toISOString();
    this.#stored.proxies.set(
      `local.${instance}`,
      ProxyRecord.parse({
        node: 'local',
        instance,
        container: null,
        startedAt: now,
        heartbeatAt: now,
        beats: 1,
        goodbye: false,
        applied: {},
        open: {},
        ...rest,
      }),
    );
  }

  /** What the reconciler says of its place. */
  say(holder: string): void {
    this.#stored.leases.set('reconciler.local.place-c0', { holder, takenAt: new Date(Date.now() + 1_000).toISOString() });
  }

  forget(): void {
    this.#stored.leases.clear();
  }

  /** By then it has come to this, and not before. */
  async until(outcome: HandOverOutcome, afterMs = 100): Promise<void> {
    if (afterMs > 0) await this.waitsFor(afterMs - 1);
    await this.#clock.advance(afterMs > 0 ? 1 : 0);
    assert.equal(this.outcome, outcome);
  }

  /** After all that time it still waits. */
  async waitsFor(ms: number): Promise<void> {
    await this.#clock.advance(ms);
    assert.equal(this.outcome, null);
  }
}

describe('a proxy that was asked to end', () => {
  it('accepts until another one serves', async () => {
    const proxy = new Leaving();
    await proxy.waitsFor(300_000);
    proxy.write('other');
    await proxy.until('served');
  });

  it('ends at once where the reconciler knows that nobody comes', async () => {
    const proxy = new Leaving();
    proxy.say('nobody');
    await proxy.until('nobody-comes', 0);
  });

  it('waits for somebody who listens beside it to say that it serves, although nobody comes', async () => {
    const proxy = new Leaving({ sockets: ['own', 'beside'] });
    proxy.say('nobody');
    await proxy.waitsFor(300_000);
    proxy.sockets.delete('beside');
    await proxy.until('nobody-comes');
  });

  it('waits for a replacement beyond the time in which nobody is known to come', async () => {
    const proxy = new Leaving({ withinMs: 3_000 });
    proxy.say('new');
    await proxy.waitsFor(300_000);
    proxy.write('other');
    await proxy.until('served');
  });

  it('waits for it although what the reconciler said has expired', async () => {
    const proxy = new Leaving({ withinMs: 3_000 });
    proxy.say('new');
    await proxy.waitsFor(1_000);
    proxy.forget();
    await proxy.waitsFor(300_000);
    proxy.write('other');
    await proxy.until('served');
  });

  it('waits no longer when the replacement turned out not to start', async () => {
    const proxy = new Leaving();
    proxy.say('new');
    await proxy.waitsFor(300_000);
    proxy.say('nobody');
    await proxy.until('nobody-comes');
  });

  it('does not wait longer than the engine allows', async () => {
    const proxy = new Leaving({ withinMs: 3_000, atMostMs: 8_000 });
    proxy.say('new');
    await proxy.until('too-late', 8_000);
  });

  it('waits for somebody whom nobody announced, once that one listens', async () => {
    const proxy = new Leaving({ withinMs: 3_000 });
    await proxy.waitsFor(2_000);
    proxy.sockets.add('new');
    await proxy.waitsFor(300_000);
    proxy.write('other');
    await proxy.until('served');
  });

  it('ends after a while when nobody is known to come', async () => await new Leaving({ withinMs: 3_000 }).until('too-late', 3_000));

  it('ends after a while when the store does not answer', async () =>
    await new Leaving({ withinMs: 3_000, storeHangs: true }).until('too-late', 3_000));

  it('does not wait when that is switched off', async () => await new Leaving({ withinMs: 0 }).until('switched-off', 0));

  it('counts on whoever came to listen while the bus is away', async () => {
    const proxy = new Leaving();
    await proxy.waitsFor(300_000);
    proxy.connected = false;
    proxy.sockets.add('new');
    await proxy.until('served');
  });
});
