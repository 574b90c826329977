import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus } from '@kedge/shared/bus';
import {
  type Component,
  EndpointsEntry,
  LeaseEntry,
  NodeName,
  ProxyRecord,
  ReleaseRecord,
  RunRecord,
  ServiceName,
  serviceKey,
} from '@kedge/shared/contracts';
import { silentLog } from '@kedge/shared/testing';
import { compose, type StackFacts } from '../../e2e/harness/stack.ts';

/** What the stack keeps about a service, as nobody outside may read it. */
export interface Spy {
  readonly bus: Bus;
  record(service: string): Promise<ReleaseRecord | null>;
  endpoints(service: string): Promise<EndpointsEntry | null>;
  /** The revision of a service's endpoints that each live proxy applied. */
  applied(service: string): Promise<readonly (string | undefined)[]>;
  /** Instances of the proxy that let go of all that drains, and route by the newest table; none while nothing drains. */
  proven(service: string): Promise<readonly string[]>;
  runs(service: string): Promise<readonly RunRecord[]>;
  /** The instances of the reconciler that act, one for each engine. */
  holders(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The key of a component, which only the engine's owner can take out of the stack. */
export async function seedOf(facts: StackFacts, identity: Component): Promise<string> {
  return await compose(facts, ['exec', '-T', identity, 'cat', `/run/kedge/keys/${identity}.nk`]);
}

/** Joins the bus with the key of a component. */
export async function joinAs(facts: StackFacts, identity: Component): Promise<Bus> {
  const keysFolder = join(facts.folder, 'spy');
  await mkdir(keysFolder, { recursive: true });
  await writeFile(join(keysFolder, `${identity}.nk`), await seedOf(facts, identity), { mode: 0o600 });
  return await connectBus({
    identity,
    node: NodeName.parse(facts.node),
    instance: `chaos-${process.pid}`,
    url: `nats://127.0.0.1:${facts.natsPort}`,
    keysFolder,
    log: silentLog(),
  });
}

export async function startSpy(facts: StackFacts): Promise<Spy> {
  const bus = await joinAs(facts, 'reconciler');
  const node = NodeName.parse(facts.node);
  const key = (service: string) => serviceKey(node, ServiceName.parse(service));
  return {
    bus,
    record: async (service) => (await bus.bucket('releases', ReleaseRecord).get(key(service)))?.value ?? null,
    endpoints: async (service) => (await bus.bucket('endpoints', EndpointsEntry).get(key(service)))?.value ?? null,
    async applied(service) {
      const all = await bus.bucket('proxies', ProxyRecord).readAll(node);
      const live = [...all.values()].filter(
        ({ value: { goodbye, heartbeatAt } }) => !goodbye && Date.now() - Date.parse(heartbeatAt) < 8_000,
      );
      return live.map(({ value }) => value.applied[service]);
    },
    async proven(service) {
      const bucket = bus.bucket('endpoints', EndpointsEntry);
      const entry = await bucket.get(key(service));
      const draining = (entry?.value.targets ?? []).filter(({ state }) => state === 'draining');
      if (!entry || draining.length === 0) return [];
      const revision = await bucket.globalRevision(entry.revision);
      const all = await bus.bucket('proxies', ProxyRecord).readAll(node);
      const proxies = [...all.values()].map(({ value }) => value);
      const hasProven = ({ applied, open }: ProxyRecord) => applied[service] === revision && draining.every(({ id }) => !open[id]);
      return proxies.filter(hasProven).map(({ instance }) => instance);
    },
    async runs(service) {
      const all = await bus.bucket('runs', RunRecord).readAll(node);
      return [...all.values()].map(({ value }) => value).filter((run) => run.service === service);
    },
    async holders() {
      const all = await bus.bucket('leases', LeaseEntry).readEverything();
      return [...all].filter(([name]) => /^reconciler\..*\.engine-/.test(name)).map(([, { value }]) => value.holder);
    },
    close: async () => await bus.close(),
  };
}
