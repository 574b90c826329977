import type { NetworkPlan } from '../ports.ts';
import { detach, reattach } from './docker-aliases.ts';
import type { DockerApi } from './docker-api.ts';
import {
  assertOurs,
  destroyNetwork,
  inUse,
  listNetworks,
  makeNetwork,
  type Subnet,
  subnetFor,
  subnetOf,
} from './docker-declared-networks.ts';
import { whileFrozen } from './docker-freezer.ts';
import { inspectContainer, shortId } from './docker-inspect.ts';
import { endpointOn, type InspectedContainer } from './docker-inspected.ts';
import { inspectNetwork } from './docker-networks.ts';

/**
 * A network cannot be changed, and two cannot have one name, so its containers are off it for a moment: all of them are frozen then, and
 * come back with the addresses that they had. Their connections over the network live on, like those over the default one when a name moves.
 */
export async function remakeNetwork(api: DockerApi, { plan, node }: { readonly plan: NetworkPlan; readonly node: string }): Promise<void> {
  const { name } = plan;
  const present = await inspectNetwork(api, name);
  if (!present) return await makeNetwork(api, { plan, subnet: await subnetFor(api, plan) });
  assertOurs(present, node);
  const members = (await listNetworks(api)).find((network) => network.name === name)?.members ?? [];
  const strangers = members.filter(({ owner }) => owner?.node !== node);
  if (strangers.length > 0) throw inUse(name, strangers);
  const fallback = await subnetFor(api, plan);
  const containers = (await Promise.all(members.map(({ container }) => inspectContainer(api, container)))).filter((each) => each !== null);
  await allFrozen(api, containers, () => replace(api, { plan, containers, subnet: subnetOf(present) ?? fallback }));
}

interface Replacement {
  readonly plan: NetworkPlan;
  readonly containers: readonly InspectedContainer[];
  readonly subnet: Subnet | null;
}

/** Whatever goes wrong on the way, the containers are put back on what is there by then, each as far as that goes. */
async function replace(api: DockerApi, { plan, containers, subnet }: Replacement): Promise<void> {
  for (const { Id } of containers) await detach(api, { id: Id, network: plan.name });
  const ends = await Promise.allSettled([exchange(api, plan, subnet)]);
  for (const container of containers) ends.push(...(await Promise.allSettled([putBack(api, container, plan.name)])));
  const first = ends.find(({ status }) => status === 'rejected');
  if (first?.status === 'rejected') throw first.reason;
}

async function exchange(api: DockerApi, plan: NetworkPlan, subnet: Subnet | null): Promise<void> {
  await destroyNetwork(api, plan.name);
  await makeNetwork(api, { plan, subnet });
}

async function putBack(api: DockerApi, container: InspectedContainer, name: string): Promise<void> {
  // Engines before API 1.45 list the container's short id among the aliases.
  const aliases = (endpointOn(container, name)?.Aliases ?? []).filter((alias) => !container.Id.startsWith(alias));
  const what = `put container ${shortId(container.Id)} back on network ${name}`;
  await reattach(api, { container, wanted: { name, address: null, aliases }, what });
}

async function allFrozen(api: DockerApi, containers: readonly InspectedContainer[], work: () => Promise<void>): Promise<void> {
  const [first, ...others] = containers;
  if (!first) return await work();
  await whileFrozen(api, { container: first, work: () => allFrozen(api, others, work) });
}
