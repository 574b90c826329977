import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type Bus, keepLease } from '@kedge/shared/bus';
import {
  type CloudEvent,
  ConfigManifest,
  type EndpointsEntry,
  ImageEntry,
  imageKey,
  manifestKey,
  NodeName,
  ServiceEntry,
  ServiceName,
  ServiceSpec,
  type Subject,
  serviceKey,
  storedSubjects,
} from '@kedge/shared/contracts';
import { type Closable, hashJson } from '@kedge/shared/kernel';
import { silentLog, startTestBus, waitUntil } from '@kedge/shared/testing';
import { Registry } from 'prom-client';
import { readDiskSpace } from '../adapters/disk-space.ts';
import { createDockerEngine } from '../adapters/docker-engine.ts';
import { createHostPorts } from '../adapters/host-ports.ts';
import { createNetworkProbe } from '../adapters/network-probe.ts';
import { createSystemClock } from '../adapters/system-clock.ts';
import { ReconcilerConfig } from '../config.ts';
import type { ContainerEngine, ObservedContainer } from '../ports.ts';
import { startReconciler } from '../start-reconciler.ts';
import { openStores, type Stores } from '../stores.ts';

const run = promisify(execFile);

/** A real bus and a real engine with a reconciler between them; the test plays the watcher. */
export interface LiveStage extends Closable {
  readonly node: NodeName;
  readonly engine: ContainerEngine;
  readonly stores: Stores;
  readonly cli: Bus;
  readonly scheduler: Bus;
  readonly events: readonly CloudEvent[];
  /** Puts these specs in force and nothing else. */
  declare(...specs: readonly ServiceSpec[]): Promise<void>;
  /** Builds an image whose only file is a server with this text, and tags it. */
  build(tag: string, script: string): Promise<void>;
  containers(service: string): Promise<readonly ObservedContainer[]>;
  endpoints(service: string): Promise<EndpointsEntry | null>;
  event(subject: Subject, service: string, nth?: number): Promise<CloudEvent>;
  /** Sends SIGUSR2 to what runs of a job until a run of it has ended, and resolves to the event that says so. */
  endRun(service: string, nth?: number): Promise<CloudEvent>;
  /** Stops the reconciler as a crash would: what it did stays. */
  restart(): Promise<void>;
  halt(): Promise<void>;
  /** Starts a reconciler that somebody else keeps from acting. */
  standBy(): Promise<void>;
}

/** A specification of a service that the test declares. */
export function specOf(
  service: { readonly name: string; readonly image: string; readonly [key: string]: unknown },
  rest: Record<string, unknown> = {},
): ServiceSpec {
  return ServiceSpec.parse({
    service: { stop_grace_period: '1s', ...service },
    dispenser: { watch: true },
    drain: { dns_settle: '200ms', timeout: '5s' },
    ...rest,
  });
}

export async function openLiveStage(): Promise<LiveStage> {
  const id = randomBytes(4).toString('hex');
  const node = NodeName.parse(`it-${id}`);
  const testBus = await startTestBus();
  const engine = createDockerEngine({ log: silentLog() });
  const watcher = await testBus.connect('watcher', { node });
  const cli = await testBus.connect('cli', { node });
  const scheduler = await testBus.connect('scheduler', { node });
  const reader = await testBus.connect('reconciler', { node, instance: 'reader' });
  const stores = openStores(reader);
  const events: CloudEvent[] = [];
  const built: string[] = [];
  const following = cli.follow(
    storedSubjects()
      .filter(
        (subject) =>
          subject.startsWith('deploy.') ||
          subject.startsWith('job.') ||
          subject.startsWith('release.') ||
          subject.startsWith('container.') ||
          subject === 'routes.changed',
      )
      .filter((subject) => subject !== 'deploy.requested' && subject !== 'job.due'),
    (event) => events.push(event),
  );
  let stopping = new AbortController();
  let parts: readonly Closable[] = [];

  async function start(isAlone = true): Promise<void> {
    stopping = new AbortController();
    const bus = await testBus.connect('reconciler', { node, instance: 'active' });
    const started = await startReconciler({
      bus,
      log: silentLog(),
      metrics: new Registry(),
      signal: stopping.signal,
      ready: () => undefined,
      config: ReconcilerConfig.parse({ KEDGE_NETWORK: `kedge-it-${id}`, KEDGE_SUBNET: '10.212.0.0/16' }),
      engine,
      probe: createNetworkProbe(),
      hostPorts: createHostPorts({ engine }),
      secrets: { resolve: async () => new Map(), registryCredentials: async () => null },
      clock: createSystemClock(),
      tellPasses: () => undefined,
      durable: async () => ({ kind: 'there', waiting: 0, underWay: 0, readers: 1 }),
      examine: () => undefined,
      diskSpace: readDiskSpace,
      takeLease: (_engine, listeners) => (isAlone ? keepLease(bus, { what: 'engine-test', ...listeners }) : heldByAnother),
    });
    parts = [bus, ...started];
  }

  async function stop(): Promise<void> {
    stopping.abort();
    for (const part of parts.toReversed()) await part.close();
  }

  await start();
  const services = watcher.bucket('services', ServiceEntry);
  const manifests = watcher.bucket('services', ConfigManifest);
  const images = watcher.bucket('images', ImageEntry);

  async function put<Value>(bucket: ReturnType<typeof watcher.bucket>, key: string, value: Value): Promise<void> {
    const before = await bucket.get(key);
    await (before ? bucket.update(key, value, before.revision) : bucket.create(key, value));
  }

  function find(subject: Subject, service: string, nth: number): CloudEvent | undefined {
    return events.filter((event) => event.type === `${subject}.v1` && event.subject === service)[nth - 1];
  }

  async function list(service: string): Promise<readonly ObservedContainer[]> {
    return (await engine.list(node)).filter(({ kedge }) => kedge?.service === service);
  }

  return {
    node,
    engine,
    stores,
    cli,
    scheduler,
    events,
    containers: list,
    async declare(...specs) {
      const hashes: Record<string, string> = {};
      for (const spec of specs) {
        const hash = hashJson(spec);
        hashes[spec.service.name] = hash;
        const absent: ImageEntry = { reference: spec.service.image, accepted: null, state: 'absent' };
        if (!(await images.get(imageKey(spec.service.image)))) await images.create(imageKey(spec.service.image), absent);
        await put(services, serviceKey(node, spec.service.name), { node, spec, hash, path: spec.service.name });
      }
      const revision = hashJson(hashes);
      await put(manifests, manifestKey(node), { node, revision, entry: 'kedge.toml', services: hashes, delay: 2 });
      await watcher.publish('config.changed', { revision, added: [], changed: [], removed: [] });
    },
    async build(tag, script) {
      const dockerfile = `FROM node:26-trixie-slim\nENTRYPOINT ["node", "-e", ${JSON.stringify(script)}]\n`;
      const child = run('docker', ['build', '-q', '--label', `kedge.test=${id}`, '-t', tag, '-']);
      child.child.stdin?.end(dockerfile);
      await child;
      built.push(tag);
    },
    async endpoints(service) {
      return (await stores.endpoints.get(serviceKey(node, ServiceName.parse(service))))?.value ?? null;
    },
    async event(subject, service, nth = 1) {
      return await waitUntil(() => find(subject, service, nth), { timeoutMs: 60_000, what: `${subject} of ${service}` });
    },
    async endRun(service, nth = 1) {
      return await waitUntil(
        async () => {
          const ended = find('job.finished', service, nth);
          if (ended) return ended;
          // A process that does not listen to the signal yet ignores it, being the first of its container.
          for (const { id } of await list(service)) await run('docker', ['kill', '--signal', 'SIGUSR2', id]).catch(() => undefined);
          return undefined;
        },
        { timeoutMs: 60_000, what: `the end of run ${nth} of ${service}` },
      );
    },
    async restart() {
      await stop();
      await start();
    },
    halt: stop,
    standBy: async () => await start(false),
    async close() {
      await following.close();
      await stop();
      const mine = (await engine.list(node)).map((container) => container.id);
      if (mine.length > 0) await run('docker', ['rm', '-f', ...mine]);
      await run('docker', ['network', 'rm', `kedge-it-${id}`]).catch(() => undefined);
      if (built.length > 0) await run('docker', ['rmi', '-f', ...new Set(built)]).catch(() => undefined);
      await testBus.close();
    },
  };
}

const heldByAnother = { held: () => false, close: async () => undefined };

/** A server that says its version. */
export function helloServer(version: string): string {
  return `process.on('SIGTERM',()=>process.exit(0));require('node:http').createServer((q,a)=>a.end('${version}')).listen(8080,()=>console.log('${version} listens'))`;
}
