import type { Bus } from '@kedge/shared/bus';
import { manifestKey, proxySettingsKey, type ServiceName } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import type { NetworkKeeper } from './keep-networks.ts';
import type { ContainerEngine } from './ports.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Stores } from './stores.ts';

interface ResyncPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  /** The runs of jobs that are remembered: one that was claimed is told to its end, also when nothing else is left of its service. */
  readonly ledger: Pick<RunLedger, 'all'>;
  readonly wake: (service: ServiceName) => void;
  /** Makes the default network, so that its name and subnet exist before anything needs them. */
  readonly ensureNetwork: (entry: string) => Promise<void>;
  readonly networks: Pick<NetworkKeeper, 'keep'>;
}

/**
 * A look at everything: all that is declared, all that runs and all that is remembered. Resolves to the services that are. Trouble with
 * networks keeps nobody from being woken, most services do not need them now; it is thrown when all are awake.
 */
export function createResync({
  bus,
  stores,
  engine,
  ledger,
  wake,
  ensureNetwork,
  networks,
}: ResyncPorts): () => Promise<ReadonlySet<ServiceName>> {
  return async function resync() {
    const { node } = bus;
    const manifest = await stores.manifests.get(manifestKey(node));
    // Without a configuration nothing is known to be unwanted.
    if (!manifest) return new Set();
    const ends = await Promise.allSettled([ensureNetwork(manifest.value.entry), networks.keep(manifest.value)]);
    await writeProxySettings(manifest.value.proxy ?? {});
    const containers = await engine.list(node);
    const records = [...(await stores.releases.readAll(node)).values()].map(({ value }) => value.service);
    const routed = [...(await stores.endpoints.readAll(node)).values()].map(({ value }) => value.service);
    const labelled = containers.flatMap(({ kedge }) => (kedge?.node === node ? [kedge.service] : []));
    const ran = ledger.all().map(({ service }) => service);
    const declared = Object.keys(manifest.value.services) as ServiceName[];
    const all = new Set<ServiceName>([...declared, ...labelled, ...records, ...routed, ...ran]);
    all.forEach(wake);
    const trouble = ends.find(({ status }) => status === 'rejected');
    if (trouble?.status === 'rejected') throw trouble.reason;
    return all;
  };

  async function writeProxySettings(
    settings: NonNullable<Awaited<ReturnType<Stores['proxySettings']['get']>>>['value']['settings'],
  ): Promise<void> {
    const key = proxySettingsKey(bus.node);
    const before = await stores.proxySettings.get(key);
    if (before && sameJson(before.value.settings, settings)) return;
    const value = { node: bus.node, settings };
    const revision = before
      ? await stores.proxySettings.update(key, value, before.revision)
      : await stores.proxySettings.create(key, value);
    if (revision === null) return;
    const global = await stores.proxySettings.globalRevision(revision);
    // A wake only: proxies read their settings again with every look at the routes.
    await bus.publish('routes.changed', { revision: global, ready: 0, draining: 0 }, { id: `routes.changed/${key}/${revision}` });
  }
}
