import type { Bucket } from '@kedge/shared/bus';
import {
  type BucketName,
  ConfigManifest,
  Digest,
  type EndpointsEntry,
  ImageEntry,
  imageKey,
  manifestKey,
  NodeName,
  type ProxyRecord,
  type ReleaseRecord,
  type RunRecord,
  type ServiceEntry,
  ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import { hashJson, type PassResult } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { assemble } from '../assemble.ts';
import { createHonour, type HonourCommand } from '../honour-command.ts';
import type { Clock, ContainerEngine, GateProbe, ObservedContainer } from '../ports.ts';
import type { RunAdvancer } from '../run-job.ts';
import { openStores, type Stores } from '../stores.ts';
import { createMemoryBus, createMemoryStore } from './memory-bus.ts';
import { type Behaviour, createSimulatedEngine, type SimulatedEngine } from './simulated-engine.ts';

export const node = NodeName.parse('sim');
export const web = ServiceName.parse('web');
const settled = 30_000;

/** Thrown into the reconciler at a chosen call: the process dies there. */
export class SimulatedCrash extends Error {}

export interface CrashPoint {
  /** The how manieth call of a port ends the process. */
  readonly call: number;
  /** Whether the call still had its effect; `within`: half of it, where a call has halves. */
  readonly effect: 'before' | 'within' | 'after';
}

/** A proxy that applies tables late and has requests that take their time. */
export interface SimulatedProxy {
  readonly instance: string;
  readonly applyAfterMs: number;
  readonly requestsLastMs: number;
  /** Silent from the beginning: it died without a goodbye. */
  readonly isDead?: boolean;
}

interface SimulationOptions {
  readonly behaviours?: Readonly<Record<string, Partial<Behaviour>>>;
  readonly proxies?: readonly SimulatedProxy[];
  /** Told about every violation of what must hold at every moment. */
  readonly onViolation: (what: string) => void;
}

/** A whole world on a virtual clock, with the real use cases in the middle. */
export interface Simulation {
  readonly engine: SimulatedEngine;
  readonly stores: Stores;
  readonly events: readonly { readonly type: string; readonly data: unknown }[];
  readonly calls: () => number;
  readonly now: () => number;
  declare(spec: ServiceSpec | null): Promise<void>;
  accept(version: string): Promise<void>;
  /** Runs passes and lets time go by until nothing more happens. */
  settle(options?: { readonly crashes?: readonly CrashPoint[]; readonly untilMs?: number }): Promise<void>;
  /** The store of records is lost. */
  forgetRecord(): Promise<void>;
  /** A firing of the job of this world; true when it was claimed. */
  claim(instant: string, spec: ServiceSpec): Promise<boolean>;
  /** A command as the bus delivers it; the same `id` again is a repeated delivery. */
  request(action: 'deploy' | 'clear', id: string): Promise<void>;
  runsKept(): Promise<readonly RunRecord[]>;
  record(): Promise<ReleaseRecord | null>;
  endpoints(): Promise<EndpointsEntry | null>;
  /** Watches that at least so many fit containers are routed at every moment, from now on. */
  guardCapacity(replicas: number | null): void;
}

export function digestOf(version: string): Digest {
  return Digest.parse(`sha256:${hashJson(version)}`);
}

export async function openSimulation({ behaviours = {}, proxies = [], onViolation }: SimulationOptions): Promise<Simulation> {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  let mono = 0;
  const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => mono };
  const store = createMemoryStore();
  let capacity: number | null = null;
  let calls = 0;
  let dead = false;
  let pending: CrashPoint[] = [];
  const opens = new Map<string, number>();

  const versionOf = (image: string) => Object.keys(behaviours).find((version) => image.includes(digestOf(version))) ?? '';
  const engine = createSimulatedEngine({
    clock,
    behaviourOf: (image) => ({ readyAfterMs: 300, endsAfterMs: null, exitCode: 0, ...behaviours[versionOf(image)] }),
    onAct: (action, container) => watchAct(action, container),
  });

  const outside = createMemoryBus({ store, node, clock });
  const world = openStores(outside);

  /** A call of a port by the reconciler: the process may die before or after it. */
  async function around<Result>(_name: string, call: () => Result, half: () => unknown = call): Promise<Awaited<Result>> {
    if (dead) throw new SimulatedCrash();
    calls += 1;
    const point = pending[0]?.call === calls ? pending.shift() : undefined;
    if (point) dead = true;
    if (point?.effect === 'before') throw new SimulatedCrash();
    if (point?.effect === 'within') {
      await half();
      throw new SimulatedCrash();
    }
    const result = await call();
    watchCapacity();
    if (point) throw new SimulatedCrash();
    return result;
  }

  function watchCapacity(): void {
    if (capacity === null) return;
    const entry = store.buckets.get('endpoints')?.get(serviceKey(node, web))?.value as EndpointsEntry | undefined;
    const fit = (entry?.targets ?? []).filter(
      ({ id, state }) => state === 'ready' && engine.all().some((container) => container.id === id && engine.isFit(container)),
    );
    if (fit.length < capacity) onViolation(`${fit.length} of ${capacity} fit containers are routed`);
  }

  function watchWrite(bucket: BucketName, key: string, value: unknown): void {
    if (bucket !== 'endpoints' || key !== serviceKey(node, web)) return;
    for (const { id, state } of (value as EndpointsEntry).targets) {
      const container = engine.all().find((each) => each.id === id);
      if (state === 'ready' && !(container && engine.isFit(container))) onViolation(`${id} is routed and not fit (${container?.state})`);
    }
  }

  function watchAct(action: 'alias' | 'stop' | 'remove', container: ObservedContainer): void {
    if (action === 'alias' && container.state === 'running' && !engine.isFit(container))
      onViolation(`${container.id} got the name and is not fit`);
    if (action === 'alias' || container.state !== 'running') return;
    const bound = nowMs - drainingSince(container.id) >= 5_000;
    for (const proxy of proxies.filter(({ isDead }) => !isDead)) {
      if ((opens.get(`${proxy.instance}/${container.id}`) ?? 0) > nowMs && !bound)
        onViolation(`${container.id} was stopped with requests open at ${proxy.instance}`);
    }
  }

  const drainedFrom = new Map<string, number>();
  function drainingSince(id: string): number {
    return drainedFrom.get(id) ?? Number.POSITIVE_INFINITY;
  }

  /** The life of the proxies between two passes. */
  async function liveProxies(): Promise<void> {
    const entry = await world.endpoints.get(serviceKey(node, web));
    for (const target of entry?.value.targets ?? []) {
      if (target.state === 'draining' && !drainedFrom.has(target.id)) drainedFrom.set(target.id, entry?.writtenAt.getTime() ?? nowMs);
      if (target.state === 'ready') drainedFrom.delete(target.id);
    }
    for (const proxy of proxies) {
      const key = `${node}.${proxy.instance}`;
      const before = await world.proxies.get(key);
      if (proxy.isDead && before) continue;
      const applies = entry !== null && nowMs >= entry.writtenAt.getTime() + proxy.applyAfterMs;
      const applied = applies ? { [web]: await world.endpoints.globalRevision(entry.revision) } : (before?.value.applied ?? {});
      const open: Record<string, number> = {};
      if (applies) {
        for (const { id, state } of entry.value.targets) {
          const opened = `${proxy.instance}/${id}`;
          if (state === 'ready') opens.set(opened, Number.POSITIVE_INFINITY);
          if (state === 'draining') {
            if (opens.get(opened) === Number.POSITIVE_INFINITY) opens.set(opened, nowMs + proxy.requestsLastMs);
            open[id] = (opens.get(opened) ?? 0) > nowMs ? 1 : 0;
          }
        }
      }
      const record: ProxyRecord = {
        node,
        instance: proxy.instance,
        container: null,
        startedAt: '2026-01-01T00:00:00.000Z',
        heartbeatAt: clock.now().toISOString(),
        beats: (before?.value.beats ?? 0) + 1,
        goodbye: false,
        applied,
        open,
      };
      await put(world.proxies, key, record);
    }
  }

  /** A new process: nothing of the old one is left. */
  function boot(): Life {
    dead = false;
    const ports = throughCrashes(engine, around);
    const bus = createMemoryBus({ store, node, clock, around, onWrite: watchWrite });
    const { reconcile, runs, ledger, stores, memory } = assemble({
      bus,
      engine: ports,
      probe: ports,
      secrets: { resolve: async () => new Map(), registryCredentials: async () => null },
      clock,
      log: silentLog(),
      random: () => 0,
      networkNameFor: () => 'kedge',
      preferredSubnet: '10.0.0.0/16',
      configFolder: async () => '/host/config',
      proxyLostAfterMs: 60_000,
      pullsAtOnce: 4,
      mayAct: () => true,
      onRolloutEnd: () => undefined,
    });
    const honour = createHonour({ bus, stores, engine: ports, clock, memory, log: silentLog(), runs, wake: () => undefined });
    return { reconcile, runs, honour, load: () => ledger.load() };
  }

  async function pass(amount: number): Promise<void> {
    nowMs += amount;
    mono += amount;
    await liveProxies();
  }

  let life = boot();
  /** The engine starts it again, and again if it dies in the middle of that. */
  async function restart(): Promise<void> {
    life = boot();
    try {
      await life.load();
    } catch (thrown) {
      if (!(thrown instanceof SimulatedCrash)) throw thrown;
      await restart();
    }
  }

  return {
    engine,
    stores: world,
    events: store.events,
    calls: () => calls,
    now: () => nowMs,
    async declare(spec) {
      const hash = hashJson(spec);
      if (spec) await put(world.services, serviceKey(node, web), { node, spec, hash, path: 'web' } satisfies ServiceEntry);
      const services: Record<string, string> = spec ? { [web]: hash } : {};
      await put(
        world.manifests,
        manifestKey(node),
        ConfigManifest.parse({ node, revision: hash, entry: 'kedge.toml', services, delay: 2 }),
      );
    },
    async accept(version) {
      const reference = ImageEntry.shape.reference.parse('app:latest');
      const digest = digestOf(version);
      await put(world.images, imageKey(reference), {
        reference,
        state: 'present',
        accepted: { digest, platformDigest: digest, acceptedAt: clock.now().toISOString() },
      });
    },
    async settle({ crashes = [], untilMs = 3_600_000 } = {}) {
      pending = crashes.map(({ call, effect }) => ({ call: calls + call, effect })).toSorted((one, other) => one.call - other.call);
      const end = nowMs + untilMs;
      let quiet = 0;
      while (nowMs < end && quiet < 2) {
        const before = store.revision;
        try {
          const { requeueAfterMs } = await life.reconcile(web);
          quiet = requeueAfterMs === undefined && store.revision === before && pending.length === 0 ? quiet + 1 : 0;
          if (requeueAfterMs === undefined && pending.length > 0 && store.revision === before) pending = [];
          await pass(requeueAfterMs ?? settled);
        } catch (thrown) {
          if (!(thrown instanceof SimulatedCrash)) throw thrown;
          await pass(1_000);
          await restart();
        }
      }
    },
    async forgetRecord() {
      store.buckets.get('releases')?.clear();
    },
    claim: async (instant, spec) => await life.runs.claim({ service: web, instant, spec }),
    async request(action, id) {
      const data = { service: web, action };
      const event = {
        specversion: '1.0' as const,
        id,
        source: 'cli',
        type: 'deploy.requested.v1',
        time: clock.now().toISOString(),
        kedgenode: node,
        data,
      };
      const handled = await life.honour({ subject: 'deploy.requested', event });
      if (handled.kind !== 'done') throw new Error(`the command was ${handled.kind}`);
    },
    runsKept: async () => [...(await world.runs.readAll(node)).values()].map(({ value }) => value),
    record: async () => (await world.releases.get(serviceKey(node, web)))?.value ?? null,
    endpoints: async () => (await world.endpoints.get(serviceKey(node, web)))?.value ?? null,
    guardCapacity(replicas) {
      capacity = replicas;
    },
  };
}

async function put<Value>(bucket: Bucket<Value>, key: string, value: Value): Promise<void> {
  const before = await bucket.get(key);
  await (before ? bucket.update(key, value, before.revision) : bucket.create(key, value));
}

interface Life {
  readonly reconcile: (service: ServiceName) => Promise<PassResult>;
  readonly runs: RunAdvancer;
  readonly honour: HonourCommand;
  readonly load: () => Promise<void>;
}

type Around = <Result>(name: string, call: () => Result, half?: () => unknown) => Promise<Awaited<Result>>;

/** Every method of the engine becomes a call at which the process may die. */
function throughCrashes(engine: SimulatedEngine, around: Around): ContainerEngine & GateProbe {
  return {
    info: () => around('info', () => engine.info()),
    list: (...given) => around('list', () => engine.list(...given)),
    inspect: (...given) => around('inspect', () => engine.inspect(...given)),
    image: (...given) => around('image', () => engine.image(...given)),
    pull: (...given) => around('pull', () => engine.pull(...given)),
    create: (...given) => around('create', () => engine.create(...given)),
    start: (...given) => around('start', () => engine.start(...given)),
    stop: (...given) => around('stop', () => engine.stop(...given)),
    remove: (...given) => around('remove', () => engine.remove(...given)),
    rename: (...given) => around('rename', () => engine.rename(...given)),
    setAliases: (...given) =>
      around(
        'setAliases',
        () => engine.setAliases(...given),
        () => engine.interruptAliases(given[0]),
      ),
    logs: (...given) => around('logs', () => engine.logs(...given)),
    waitForExit: (...given) => around('waitForExit', () => engine.waitForExit(...given)),
    ensureDefaultNetwork: (...given) => around('ensureDefaultNetwork', () => engine.ensureDefaultNetwork(...given)),
    ensureNetwork: (...given) => around('ensureNetwork', () => engine.ensureNetwork(...given)),
    hostPathOfOwnMount: (...given) => around('hostPathOfOwnMount', () => engine.hostPathOfOwnMount(...given)),
    follow: (listener) => engine.follow(listener),
    http: (...given) => around('http', () => engine.http(...given)),
    tcp: (...given) => around('tcp', () => engine.tcp(...given)),
  };
}
