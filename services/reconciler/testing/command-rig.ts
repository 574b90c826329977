import type { Bus, Handled } from '@kedge/shared/bus';
import {
  type CloudEvent,
  ConfigManifest,
  type DeployRequested,
  ImageEntry,
  imageKey,
  manifestKey,
  type ReleaseRecord,
  type RunRecord,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import { hashJson, RetryableError } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { openStores, type Stores } from '../stores.ts';
import { createMemoryBus, createMemoryStore } from './memory-bus.ts';
import type { Behaviour } from './simulated-container.ts';
import { createSimulatedEngine, type SimulatedEngine } from './simulated-engine.ts';
import { type Life, noSecrets, startLife } from './simulated-life.ts';
import { node, put, web } from './simulated-proxies.ts';
import { digestOf } from './simulation.ts';

/** A reconciler on a bus whose calls can be made to fail, with commands delivered to it one by one. */
export interface CommandRig {
  readonly engine: SimulatedEngine;
  readonly stores: Stores;
  readonly events: readonly CloudEvent[];
  now(): number;
  later(ms: number): void;
  /** The watcher writes the spec, then the manifest that names it; `only` one of both is as far as it got. */
  declare(spec: ServiceSpec, only?: 'spec' | 'manifest'): Promise<void>;
  accept(version: string): Promise<void>;
  /** `sentAt`: by the clock of whoever asks. */
  request(id: string, given?: { readonly action?: DeployRequested['action']; readonly sentAt?: Date }): Promise<Handled>;
  /** The scheduler says that the job is due, or that this is the last of so many instants that it missed. */
  fire(instant: string, missed?: number): Promise<Handled>;
  /** A call of this name fails, the next one or one after it: before it has an effect, or when only its reply is lost. */
  fail(call: string, when: 'before' | 'after', skipped?: number): void;
  /** What the watcher does when it is asked to look; its answer never comes. */
  readonly watcher: { look: () => Promise<void> };
  /** A new process: what the old one had in memory is gone. `folder`: where its configuration folder lies on the host, from now on. */
  restart(folder?: string): Promise<void>;
  reload(): Promise<void>;
  /** One pass. */
  pass(): Promise<void>;
  /** Passes, until nothing more happens. */
  settle(): Promise<void>;
  record(): Promise<ReleaseRecord | null>;
  /** The states of all runs, oldest first. */
  states(): Promise<readonly RunRecord['state'][]>;
}

export async function openCommandRig(behaviour: Partial<Behaviour> = {}): Promise<CommandRig> {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };
  const store = createMemoryStore();
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 100, endsAfterMs: null, exitCode: 0, ...behaviour }) });
  const stores = openStores(createMemoryBus({ store, node, clock }));
  let failing: { readonly call: string; readonly when: 'before' | 'after'; skipped: number } | null = null;

  async function around<Result>(name: string, call: () => Result): Promise<Awaited<Result>> {
    const trouble = troubleOf(name);
    const result = trouble === 'before' ? null : await call();
    if (trouble === null) return result as Awaited<Result>;
    throw new RetryableError('BUS_UNAVAILABLE', `${name} failed`);
  }

  function troubleOf(name: string): 'before' | 'after' | null {
    if (failing?.call !== name) return null;
    const { when, skipped } = failing;
    failing = skipped === 0 ? null : { ...failing, skipped: skipped - 1 };
    return skipped === 0 ? when : null;
  }

  const watcher: CommandRig['watcher'] = { look: async () => undefined };
  const askWatcher: Bus['request'] = async () => {
    await watcher.look();
    throw new RetryableError('REQUEST_UNANSWERED', 'nobody has an answer');
  };

  let place: { readonly folder?: string } = {};
  function boot(): Life {
    const bus = { ...createMemoryBus({ store, node, clock, around }), request: askWatcher };
    return startLife({ bus, engine, ports: engine, secrets: noSecrets, clock, log: silentLog(), mayAct: () => true, ...place });
  }

  let life = boot();
  const command = { specversion: '1.0' as const, source: 'test', kedgenode: node };
  return {
    engine,
    stores,
    events: store.events,
    now: () => nowMs,
    later(ms) {
      nowMs += ms;
    },
    async declare(spec, only) {
      const hash = hashJson(spec);
      const services = { [web]: hash };
      if (only !== 'manifest') await put(stores.services, serviceKey(node, web), { node, spec, hash, path: 'web' });
      const manifest = ConfigManifest.parse({ node, revision: hash, entry: 'kedge.toml', services, delay: 2 });
      if (only !== 'spec') await put(stores.manifests, manifestKey(node), manifest);
    },
    async accept(version) {
      const reference = ImageEntry.shape.reference.parse('app:latest');
      const digest = digestOf(version);
      const accepted = { digest, platformDigest: digest, acceptedAt: clock.now().toISOString() };
      await put(stores.images, imageKey(reference), { reference, state: 'present', accepted });
    },
    watcher,
    async request(id, { action = 'deploy', sentAt = clock.now() } = {}) {
      const event = { ...command, id, type: 'deploy.requested.v1', time: sentAt.toISOString(), data: { service: web, action } };
      return await life.honour({ subject: 'deploy.requested', event });
    },
    async fire(instant, missed) {
      const data = { service: web, instant, ...(missed === undefined ? {} : { missed }) };
      const event = { ...command, id: `job.due/${instant}`, type: 'job.due.v1', time: instant, data };
      return await life.honour({ subject: 'job.due', event });
    },
    fail(call, when, skipped = 0) {
      failing = { call, when, skipped };
    },
    async restart(folder) {
      if (folder !== undefined) place = { folder };
      life = boot();
      await life.load();
    },
    reload: async () => await life.load(),
    pass: async () => void (await life.reconcile(web)),
    async settle() {
      for (let quiet = 0; quiet < 2; ) {
        const before = store.revision;
        const { requeueAfterMs } = await life.reconcile(web);
        quiet = requeueAfterMs === undefined && store.revision === before ? quiet + 1 : 0;
        nowMs += requeueAfterMs ?? 1_000;
      }
    },
    record: async () => (await stores.releases.get(serviceKey(node, web)))?.value ?? null,
    async states() {
      const runs = [...(await stores.runs.readAll(node)).values()].map(({ value }) => value);
      return runs.toSorted((one, other) => Date.parse(one.instant) - Date.parse(other.instant)).map(({ state }) => state);
    },
  };
}
