import type { Bus } from '@kedge/shared/bus';
import {
  type ConfigManifest,
  type DataOf,
  type PlanReply,
  type ServiceName,
  type ServiceSpec,
  type StatusReply,
  serviceKey,
} from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { networkPlan } from './core/networks/network-plan.ts';
import { isEngines, type NetworkStep, planNetworks } from './core/networks/plan-networks.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import { createNetworkTurns, type NetworkTurns } from './network-turns.ts';
import type { NodeState } from './node-state.ts';
import { mayDestroy } from './plan-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface KeeperPorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'services' | 'releases'>;
  readonly engine: Pick<ContainerEngine, 'networks' | 'ensureNetwork' | 'remakeNetwork' | 'removeNetwork'>;
  readonly nodeState: Pick<NodeState, 'down'>;
  readonly log: Logger;
  /** Name of the default network, by the name of the main configuration file. */
  readonly networkNameFor: (entry: string) => string;
  readonly assertMayDestroy: DestructionGuard;
}

type Manifest = Pick<ConfigManifest, 'services' | 'networks' | 'entry'>;
/** As the plan shows them. */
export type NetworkChanges = NonNullable<PlanReply['networks']>;
/** As the status shows them. */
export type KeptNetworks = NonNullable<StatusReply['networks']>;

/** The declared networks of the main file. Whoever works on containers does that in the turn of `together`. */
export interface NetworkKeeper extends Pick<NetworkTurns, 'together'> {
  /** Makes the declared networks among these that are missing. Rejects with RetryableError NETWORK_MISSING for an external one. */
  ensure(manifest: Manifest, names: readonly string[]): Promise<void>;
  /** Makes networks anew that are declared otherwise by now, and removes those that are declared no more. */
  keep(manifest: Manifest): Promise<void>;
  /** What becomes of networks, for people; nothing is changed by asking. */
  plan(manifest: Manifest): Promise<NetworkChanges>;
  /** Networks that stay as they are although they are declared otherwise, because others are on them. */
  kept(manifest: Manifest): Promise<KeptNetworks>;
}

/** What is declared and used while everything is down. */
const nothing = { declared: [], usedBy: new Map(), serving: new Set<string>() };

/** Keeps the networks of the engine as the main file declares them. */
export function createNetworkKeeper({ bus, stores, engine, nodeState, log, networkNameFor, assertMayDestroy }: KeeperPorts): NetworkKeeper {
  const turns = createNetworkTurns();
  /** What was told of a network last; the same is not told again. */
  const told = new Map<string, string>();

  async function stepsFor(manifest: Manifest): Promise<NetworkStep[]> {
    const [entries, records, existing] = await Promise.all([
      stores.services.readAll(bus.node),
      stores.releases.readAll(bus.node),
      engine.networks(),
    ]);
    const declared = (Object.keys(manifest.services) as ServiceName[]).flatMap((service) => {
      const spec = entries.get(serviceKey(bus.node, service))?.value.spec;
      return spec ? [{ service, names: namesOf(spec) }] : [];
    });
    const all = new Set(declared.flatMap(({ names }) => names));
    if (await nodeState.down())
      return planNetworks({ ...nothing, node: bus.node, existing, defaultNetwork: networkNameFor(manifest.entry) });
    return planNetworks({
      node: bus.node,
      declared: manifest.networks ?? [],
      existing,
      usedBy: new Map([...all].map((name) => [name, declared.filter(({ names }) => names.includes(name)).map(({ service }) => service)])),
      serving: new Set([...records.values()].flatMap(({ value }) => (value.serving?.spec ? namesOf(value.serving.spec) : []))),
      defaultNetwork: networkNameFor(manifest.entry),
    });
  }

  function isNews(network: string, news: unknown): boolean {
    const text = JSON.stringify(news);
    if (told.get(network) === text) return false;
    told.set(network, text);
    return true;
  }

  async function announce(drift: DataOf<'network.drifted'>): Promise<void> {
    if (!isNews(drift.network, drift)) return;
    if (drift.action === 'keep') log.warn(drift, 'a network is not as declared, and stays as it is');
    else log.info(drift, 'a network is not as declared');
    await bus.publish('network.drifted', drift);
  }

  async function perform(step: NetworkStep): Promise<void> {
    switch (step.kind) {
      case 'create':
        return;
      case 'recreate': {
        const { plan, reason } = step;
        assertMayDestroy();
        await announce({ network: plan.name, action: 'recreate', reason });
        await turns.alone(() => engine.remakeNetwork(plan, bus.node));
        log.info({ network: plan.name }, 'a network was made anew below its containers');
        told.delete(plan.name);
        return;
      }
      case 'remove':
        assertMayDestroy();
        await announce({ network: step.name, action: 'remove', reason: step.reason });
        await turns.alone(() => engine.removeNetwork(step.name, bus.node));
        log.info({ network: step.name }, 'a network was removed');
        told.delete(step.name);
        return;
      case 'refuse':
        return await announce({ network: step.name, action: 'keep', reason: `${step.code}: ${step.reason}` });
      case 'use-as-is':
        if (isNews(step.name, step)) log.info({ network: step.name, reason: step.reason }, 'a network is used as it is');
        return;
      default:
        return step satisfies never;
    }
  }

  return {
    together: turns.together,
    async ensure({ networks = [] }, names) {
      const wanted = networks.filter(({ name }) => names.includes(name) && !isEngines(name));
      for (const spec of wanted.filter(({ external }) => !external)) await engine.ensureNetwork(networkPlan(spec, bus.node));
      const external = wanted.filter((spec) => spec.external === true);
      if (external.length === 0) return;
      const present = new Set((await engine.networks()).map(({ name }) => name));
      const missing = external.find(({ name }) => !present.has(name));
      if (missing) throw missingNetwork(missing.name);
    },
    async keep(manifest) {
      // Whoever has just come back to the bus does not know yet what it would destroy.
      if (!mayDestroy(bus)) return;
      const ends: PromiseSettledResult<void>[] = [];
      for (const step of await stepsFor(manifest)) ends.push(...(await Promise.allSettled([perform(step)])));
      const first = ends.find(({ status }) => status === 'rejected');
      if (first?.status === 'rejected') throw first.reason;
    },
    plan: async (manifest) => (await stepsFor(manifest)).flatMap(changeOf),
    kept: async (manifest) => (await stepsFor(manifest)).flatMap(keptOf),
  };
}

function namesOf({ network = [] }: ServiceSpec): readonly string[] {
  return network.map(({ name }) => name);
}

function changeOf(step: NetworkStep): NetworkChanges {
  switch (step.kind) {
    case 'create':
    case 'recreate':
      return [{ name: step.plan.name, action: step.kind, reason: step.reason }];
    case 'remove':
      return [{ name: step.name, action: step.kind, reason: step.reason }];
    case 'refuse':
      return [{ name: step.name, action: step.wanted, reason: `${step.code}: ${step.reason}` }];
    case 'use-as-is':
      return [];
    default:
      return step satisfies never;
  }
}

function keptOf(step: NetworkStep): KeptNetworks {
  return step.kind === 'refuse' ? [{ name: step.name, code: step.code, message: step.reason }] : [];
}

function missingNetwork(name: string): RetryableError {
  return new RetryableError('NETWORK_MISSING', `external network ${name} does not exist; make it with "docker network create ${name}"`, {
    details: { network: name },
  });
}
