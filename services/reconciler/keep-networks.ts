import type { Bus } from '@kedge/shared/bus';
import { type ConfigManifest, type DataOf, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { networkPlan } from './core/networks/network-plan.ts';
import { isEngines, missingReason, type NetworkStep, planNetworks } from './core/networks/plan-networks.ts';
import {
  changeOf,
  type KeptNetworks,
  keptOf,
  type MissingNetworks,
  missingIn,
  type NetworkChanges,
  type NetworkRefusal,
  nameIn,
} from './core/networks/tell-networks.ts';
import { type DestructionGuard, hasHeardProxies } from './guard-destruction.ts';
import { createNetworkRefusals, refusalOf } from './network-refusals.ts';
import { createNetworkTurns, type NetworkTurns } from './network-turns.ts';
import type { NodeState } from './node-state.ts';
import type { Clock, ContainerEngine, NetworkPlan } from './ports.ts';
import type { Stores } from './stores.ts';

interface KeeperPorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'services' | 'releases'>;
  readonly engine: Pick<ContainerEngine, 'networks' | 'ensureNetwork' | 'remakeNetwork' | 'removeNetwork'>;
  readonly nodeState: Pick<NodeState, 'down'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly random: () => number;
  readonly log: Logger;
  /** Name of the default network, by the name of the main configuration file. */
  readonly networkNameFor: (entry: string) => string;
  readonly assertMayDestroy: DestructionGuard;
}

type Manifest = Pick<ConfigManifest, 'services' | 'networks' | 'entry'>;

interface PlannedNetworks {
  readonly changes: NetworkChanges;
  readonly missing: MissingNetworks;
}

/** The declared networks of the main file. Whoever works on containers does that in the turn of `together`. */
export interface NetworkKeeper extends Pick<NetworkTurns, 'together'> {
  /** Makes the declared networks among these that are missing. Rejects with RetryableError NETWORK_MISSING for an external one. */
  ensure(manifest: Manifest, names: readonly string[]): Promise<void>;
  /**
   * Makes all that are declared, those anew that are declared otherwise by now, and removes those that are declared no more. What the
   * engine refuses to make is told, and tried again later: only a service that needs it is troubled by that.
   */
  keep(manifest: Manifest): Promise<void>;
  /** What becomes of networks, for people; nothing is changed by asking. */
  plan(manifest: Manifest): Promise<PlannedNetworks>;
  /** Networks that are not as declared, because others are on them or the engine does not make them, and external ones that are missing. */
  kept(manifest: Manifest): Promise<KeptNetworks>;
}

/** What makes a network. */
type Making = Extract<NetworkStep, { readonly plan: NetworkPlan }>;

/** What is declared and used while everything is down. */
const nothing = { declared: [], usedBy: new Map(), serving: new Set<string>(), whyRemoved: 'everything is down' };

/** Keeps the networks of the engine as the main file declares them. */
export function createNetworkKeeper(ports: KeeperPorts): NetworkKeeper {
  const { bus, stores, engine, nodeState, log, networkNameFor, assertMayDestroy } = ports;
  const turns = createNetworkTurns();
  const refusals = createNetworkRefusals(ports);
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

  /** False when the engine refuses what it was asked to make, and what was there before is there still. */
  async function made({ kind, plan }: Making, make: () => Promise<void>): Promise<boolean> {
    if (refusals.isTooEarly(plan)) return false;
    try {
      await make();
      return true;
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      if (refusal === null || (kind === 'recreate' && !(await isThere(plan.name)))) throw thrown;
      refusals.note(plan, refusal);
      const facts = { network: plan.name, ...refusal };
      if (isNews(plan.name, facts)) log.warn(facts, 'the engine refuses a network as it is declared');
      return false;
    }
  }

  async function isThere(network: string): Promise<boolean> {
    return (await engine.networks()).some(({ name }) => name === network);
  }

  async function perform(step: NetworkStep): Promise<void> {
    switch (step.kind) {
      case 'create':
        if (!(await made(step, () => turns.together(() => engine.ensureNetwork(step.plan))))) return;
        log.info({ network: step.plan.name, reason: step.reason }, 'a declared network was made');
        return;
      case 'recreate': {
        const { plan, reason } = step;
        assertMayDestroy();
        if (refusals.find(plan) === null) await announce({ network: plan.name, action: 'recreate', reason });
        if (!(await made(step, () => turns.alone(() => engine.remakeNetwork(plan, bus.node))))) return;
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
      case 'missing':
        if (isNews(step.name, step)) log.warn({ network: step.name, reason: step.reason }, 'an external network is missing');
        return;
      default:
        return step satisfies never;
    }
  }

  function refusalIn(step: NetworkStep): NetworkRefusal | null {
    return 'plan' in step ? refusals.find(step.plan) : null;
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
      const steps = await stepsFor(manifest);
      refusals.keepOnly(steps.flatMap((step) => ('plan' in step ? [step.plan] : [])));
      for (const name of told.keys()) if (!steps.some((step) => nameIn(step) === name)) told.delete(name);
      const ends: PromiseSettledResult<void>[] = [];
      // Whoever has just come back to the bus does not know yet what it would destroy.
      for (const step of hasHeardProxies(bus) ? steps : steps.filter(({ kind }) => kind === 'create'))
        ends.push(...(await Promise.allSettled([perform(step)])));
      const first = ends.find(({ status }) => status === 'rejected');
      if (first?.status === 'rejected') throw first.reason;
    },
    async plan(manifest) {
      const steps = await stepsFor(manifest);
      return { changes: steps.flatMap((step) => changeOf(step, refusalIn(step))), missing: steps.flatMap(missingIn) };
    },
    kept: async (manifest) => (await stepsFor(manifest)).flatMap((step) => keptOf(step, refusalIn(step))),
  };
}

function namesOf({ network = [] }: ServiceSpec): readonly string[] {
  return network.map(({ name }) => name);
}

function missingNetwork(name: string): RetryableError {
  return new RetryableError('NETWORK_MISSING', missingReason(name), { details: { network: name } });
}
