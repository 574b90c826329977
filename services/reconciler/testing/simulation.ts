import {
  type CloudEvent,
  ConfigManifest,
  type DataOf,
  Digest,
  type EndpointsEntry,
  ImageEntry,
  imageKey,
  manifestKey,
  type NetworkSpec,
  type ReleaseRecord,
  type RunRecord,
  type ServiceEntry,
  type ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { silentLog } from '@kedge/shared/testing';
import { type Clock, labels, type SecretSource } from '../ports.ts';
import { openStores, type Stores } from '../stores.ts';
import { type CrashPoint, createCrashingCalls, SimulatedCrash, throughCrashes } from './crash-points.ts';
import { createInvariants } from './invariants.ts';
import { createMemoryBus, createMemoryStore } from './memory-bus.ts';
import type { Behaviour } from './simulated-container.ts';
import { createSimulatedEngine, emptyPlan, type SimulatedEngine } from './simulated-engine.ts';
import { type Life, noSecrets, startLife } from './simulated-life.ts';
import { createSimulatedProxies, node, put, type SimulatedProxy, web } from './simulated-proxies.ts';

const settled = 30_000;

interface SimulationOptions {
  readonly behaviours?: Readonly<Record<string, Partial<Behaviour>>>;
  readonly proxies?: readonly SimulatedProxy[];
  /** By default there are no secrets. */
  readonly secrets?: SecretSource;
  /** By default nothing is written. */
  readonly log?: Logger;
  /** Told about every violation of what must hold at every moment. */
  readonly onViolation: (what: string) => void;
}

/** A whole world on a virtual clock, with the real use cases in the middle. */
export interface Simulation {
  readonly engine: SimulatedEngine;
  readonly stores: Stores;
  readonly events: readonly CloudEvent[];
  readonly calls: () => number;
  readonly now: () => number;
  /** Puts these specs in force and nothing else; the first one is that of the service that everything here is about. */
  declare(spec: ServiceSpec | null, ...others: readonly ServiceSpec[]): Promise<void>;
  /** Of the main file, from the next declaration on. */
  readonly networks: NetworkSpec[];
  /** The watcher accepts this version of an image, and says so. */
  accept(version: string, image?: string): Promise<void>;
  /** Runs passes and lets time go by until nothing more happens. */
  settle(options?: { readonly crashes?: readonly CrashPoint[]; readonly untilMs?: number }): Promise<void>;
  /** One pass over one service, as it may come while another one is being looked at. */
  lookAt(service: string): Promise<void>;
  /** The store of records is lost. */
  forgetRecord(): Promise<void>;
  /** What the watcher knew about images is lost. */
  forgetImages(): Promise<void>;
  /** Starts a container of another service of the node; resolves to its id. */
  startOther(service: string): Promise<string>;
  /** A firing of the job of this world; true when it was claimed. */
  claim(instant: string, spec: ServiceSpec): Promise<boolean>;
  /** The scheduler says that the job is due. */
  fire(instant: string): Promise<void>;
  /** Takes everything down, or lets it come up again. */
  decideNode(action: 'down' | 'up', id: string): Promise<void>;
  /** A command as the bus delivers it; the same `id` again is a repeated delivery. */
  request(action: 'deploy' | 'clear' | 'adopt', id: string): Promise<void>;
  runsKept(): Promise<readonly RunRecord[]>;
  record(): Promise<ReleaseRecord | null>;
  endpoints(): Promise<EndpointsEntry | null>;
  /** Another instance has the lease (or, with `false`, lost it again). */
  standBy(stands: boolean): void;
  /** The engine's events are heard anew, as after a start or a new connection to it: what was before, nobody heard. */
  hearAnew(): void;
  /** Watches that at least so many fit containers are routed at every moment, from now on. */
  guardCapacity(replicas: number | null): void;
}

const digests = new Map<string, Digest>();

export function digestOf(version: string): Digest {
  const digest = digests.get(version) ?? Digest.parse(`sha256:${hashJson(version)}`);
  digests.set(version, digest);
  return digest;
}

export async function openSimulation({
  behaviours = {},
  proxies = [],
  secrets = noSecrets,
  log = silentLog(),
  onViolation,
}: SimulationOptions): Promise<Simulation> {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  let mono = 0;
  const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => mono };
  const store = createMemoryStore();
  let standsBy = false;
  const crashing = createCrashingCalls(() => invariants.checkCapacity());

  const versionOf = (image: string) => Object.keys(behaviours).find((version) => image.includes(digestOf(version))) ?? '';
  const engine = createSimulatedEngine({
    clock,
    behaviourOf: (image) => ({ readyAfterMs: 300, endsAfterMs: null, exitCode: 0, ...behaviours[versionOf(image)] }),
    onKilled: (container) => proxyLife.cut(container),
    onAct: (action, container) => invariants.checkAct(action, container),
  });

  const outside = createMemoryBus({ store, node, clock });
  const world = openStores(outside);
  const proxyLife = createSimulatedProxies({ stores: world, proxies, clock, events: store.events, boundMs: 5_000 });

  const invariants = createInvariants({ store, engine, isBusy: (id) => proxyLife.isBusy(id), onViolation });

  /** A new process: nothing of the old one is left. */
  function boot(): Life {
    crashing.revive();
    const { around } = crashing;
    const bus = createMemoryBus({ store, node, clock, around, onWrite: invariants.checkWrite });
    return startLife({ bus, engine, ports: throughCrashes(engine, around), secrets, clock, log, mayAct: () => !standsBy });
  }

  async function pass(amount: number): Promise<void> {
    nowMs += amount;
    mono += amount;
    await proxyLife.live();
  }

  const names = new Set<ServiceName>([web]);
  const networks: NetworkSpec[] = [];
  let life = boot();

  /** The earliest look that any service asks for. */
  async function passOverAll(): Promise<number | undefined> {
    const looks: number[] = [];
    await life.keepNetworks();
    for (const name of names) looks.push((await life.reconcile(name)).requeueAfterMs ?? Number.POSITIVE_INFINITY);
    const first = Math.min(...looks);
    return Number.isFinite(first) ? first : undefined;
  }

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

  async function command<Name extends 'deploy.requested' | 'job.due' | 'node.requested'>(
    subject: Name,
    id: string,
    data: DataOf<Name>,
  ): Promise<void> {
    const time = clock.now().toISOString();
    const event = { specversion: '1.0' as const, id, source: 'cli', type: `${subject}.v1`, time, kedgenode: node, data };
    const handled = await life.honour({ subject, event });
    if (handled.kind !== 'done') throw new Error(`the command was ${handled.kind}`);
  }

  return {
    engine,
    stores: world,
    events: store.events,
    calls: crashing.count,
    now: () => nowMs,
    networks,
    async declare(...specs) {
      const services: Record<string, string> = {};
      for (const spec of specs.filter((each) => each !== null)) {
        const { name } = spec.service;
        const hash = hashJson(spec);
        await put(world.services, serviceKey(node, name), { node, spec, hash, path: name } satisfies ServiceEntry);
        services[name] = hash;
        names.add(name);
      }
      await put(
        world.manifests,
        manifestKey(node),
        ConfigManifest.parse({
          node,
          revision: hashJson([services, networks]),
          entry: 'kedge.toml',
          services,
          delay: 2,
          ...(networks.length > 0 ? { networks } : {}),
        }),
      );
    },
    async accept(version, image = 'app:latest') {
      const reference = ImageEntry.shape.reference.parse(image);
      const digest = digestOf(version);
      await put(world.images, imageKey(reference), {
        reference,
        state: 'present',
        accepted: { digest, platformDigest: digest, acceptedAt: clock.now().toISOString() },
      });
      life.memory.causes.set(web, `image.updated/${version}`);
    },
    async settle({ crashes = [], untilMs = 3_600_000 } = {}) {
      crashing.plan(crashes);
      const end = nowMs + untilMs;
      let quiet = 0;
      while (nowMs < end && quiet < 2) {
        const before = store.revision;
        try {
          const requeueAfterMs = await passOverAll();
          quiet = requeueAfterMs === undefined && store.revision === before && crashing.planned() === 0 ? quiet + 1 : 0;
          if (requeueAfterMs === undefined && store.revision === before) crashing.forget();
          if (quiet === 2 && (await world.endpoints.get(serviceKey(node, web)))?.value.hold) onViolation('requests are held at rest');
          await pass(requeueAfterMs ?? settled);
        } catch (thrown) {
          if (!(thrown instanceof SimulatedCrash)) throw thrown;
          await pass(1_000);
          await restart();
        }
      }
      crashing.forget();
      if (crashing.isDead()) await restart();
    },
    async lookAt(service) {
      await life.reconcile(service as ServiceName);
    },
    async forgetRecord() {
      store.buckets.get('releases')?.clear();
    },
    async forgetImages() {
      store.buckets.get('images')?.clear();
    },
    async startOther(service) {
      engine.images.set('other', digestOf('other'));
      const own = { [labels.node]: node, [labels.service]: service, [labels.release]: `v1:${hashJson(service)}` };
      const { id } = await engine.create({ ...emptyPlan, name: service, image: 'other', labels: own });
      await engine.start(id);
      return id;
    },
    standBy(stands) {
      standsBy = stands;
    },
    claim: async (instant, spec) => await life.runs.claim({ service: web, instant, spec }),
    request: async (action, id) => await command('deploy.requested', id, { service: web, action }),
    fire: async (instant) => await command('job.due', `job/${instant}`, { service: web, instant }),
    decideNode: async (action, id) => await command('node.requested', id, { action }),
    runsKept: async () => [...(await world.runs.readAll(node)).values()].map(({ value }) => value),
    record: async () => (await world.releases.get(serviceKey(node, web)))?.value ?? null,
    endpoints: async () => (await world.endpoints.get(serviceKey(node, web)))?.value ?? null,
    hearAnew: () => life.memory.watchEngine(clock.now()),
    guardCapacity: invariants.guardCapacity,
  };
}
