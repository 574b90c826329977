import { randomBytes } from 'node:crypto';
import { errorCode, KedgeError, RetryableError, TerminalError } from '@kedge/shared/kernel';
import { z } from 'zod';
import { isIpv4Subnet } from '../core/subnets.ts';
import { labels, type NetworkPlan, type ObservedNetwork } from '../ports.ts';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { createNetwork, type InspectedNetwork, inspectNetwork, type NetworkBody } from './docker-networks.ts';

const changeTimeoutMs = 30_000;
/** So often somebody else may be faster. */
const mostSubnets = 5;

const Networks = z.array(
  z.object({
    Name: z.string(),
    Driver: z.string(),
    Internal: z.boolean().default(false),
    Attachable: z.boolean().default(false),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);
const Members = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  }),
);

/** All networks with their containers. A network itself names only those that run, so the containers are asked. */
export async function listNetworks(api: DockerApi): Promise<ObservedNetwork[]> {
  const [networks, containers] = await Promise.all([
    api.send({ what: 'list networks', method: 'GET', path: '/networks' }, Networks),
    api.send({ what: 'list containers on networks', method: 'GET', path: '/containers/json', query: { all: true } }, Members),
  ]);
  return networks.map(({ Name, Driver, Internal, Attachable, Labels }) => ({
    name: Name,
    driver: Driver,
    internal: Internal,
    attachable: Attachable,
    labels: Labels ?? {},
    members: containers.filter(({ NetworkSettings }) => NetworkSettings?.Networks?.[Name] !== undefined).map(memberOf),
  }));
}

/** Makes a declared network when it is missing. */
export async function ensureNetwork(api: DockerApi, plan: NetworkPlan): Promise<void> {
  if (await inspectNetwork(api, plan.name)) return;
  await makeNetwork(api, { plan, subnet: await subnetFor(api, plan) });
}

/** Makes the network on a subnet, or wherever the engine likes. Where somebody else has taken the subnet meanwhile, another one is found. */
export async function makeNetwork(
  api: DockerApi,
  { plan, subnet }: { readonly plan: NetworkPlan; readonly subnet: Subnet | null },
): Promise<void> {
  let chosen = subnet;
  for (let left = mostSubnets - 1; ; left -= 1) {
    try {
      await createNetwork(api, bodyOf(plan, chosen));
      return;
    } catch (thrown) {
      if (left === 0 || chosen === null || errorCode(thrown) !== 'SUBNET_TAKEN') throw thrown;
      chosen = await subnetFor(api, plan);
    }
  }
}

/** A subnet in the engine's words. */
export interface Subnet {
  readonly Subnet: string;
  readonly Gateway?: string;
}

/** The subnet of a network that is there; null when it has none that could be given to another. */
export function subnetOf({ IPAM }: InspectedNetwork): Subnet | null {
  const config = IPAM?.Config?.find(({ Subnet }) => Subnet !== undefined && isIpv4Subnet(Subnet));
  if (config?.Subnet === undefined) return null;
  return { Subnet: config.Subnet, ...(config.Gateway ? { Gateway: config.Gateway.replace(/\/\d+$/, '') } : {}) };
}

/**
 * Containers keep their addresses over a change of their names only in a network whose subnet was asked for. Which one is free, and which
 * ones are for networks at all, the engine knows best: it makes one under another name, and that one's subnet is taken. It also shows
 * whether the engine can make such a network, before anything is given up for it.
 */
export async function subnetFor(api: DockerApi, plan: NetworkPlan): Promise<Subnet | null> {
  // Nobody else's, and told apart from a look that goes on at the same time. Of one that is left behind the next pass takes care.
  const name = `${plan.name}.subnet-${randomBytes(4).toString('hex')}`;
  const probe = { ...plan, name, labels: { ...plan.labels, [labels.network]: name } };
  try {
    return await subnetOfOneMade(api, probe);
  } catch (thrown) {
    throw asOf(thrown, { declared: plan.name, tried: name });
  }
}

/** Makes the network, and nothing is left of it. */
async function subnetOfOneMade(api: DockerApi, probe: NetworkPlan): Promise<Subnet | null> {
  await createNetwork(api, bodyOf(probe, null));
  try {
    const made = await inspectNetwork(api, probe.name);
    return made && subnetOf(made);
  } finally {
    await destroyNetwork(api, probe.name);
  }
}

/** Nobody has heard of the name that was only tried. */
function asOf(thrown: unknown, { declared, tried }: { readonly declared: string; readonly tried: string }): unknown {
  if (!(thrown instanceof KedgeError)) return thrown;
  const named = <Value>(value: Value) => (typeof value === 'string' ? value.replaceAll(tried, declared) : value);
  const details = Object.fromEntries(Object.entries(thrown.details).map(([key, value]) => [key, named(value)]));
  const Same = thrown instanceof TerminalError ? TerminalError : RetryableError;
  return new Same(thrown.code, named(thrown.message), { details, cause: thrown });
}

/** Removes a network of this node on which nobody is. */
export async function removeNetwork(api: DockerApi, { name, node }: { readonly name: string; readonly node: string }): Promise<void> {
  const present = await inspectNetwork(api, name);
  if (!present) return;
  assertOurs(present, node);
  const members = (await listNetworks(api)).find((network) => network.name === name)?.members ?? [];
  if (members.length > 0) throw inUse(name, members);
  await destroyNetwork(api, name);
}

/** Containers that do not run do not keep the engine from it. */
export async function destroyNetwork(api: DockerApi, name: string): Promise<void> {
  const call = {
    what: `remove network ${name}`,
    method: 'DELETE',
    path: `/networks/${encodeURIComponent(name)}`,
    timeoutMs: changeTimeoutMs,
  } as const;
  const hasEndpoints = Symbol('has endpoints');
  if ((await unlessStatus(api.send(call, anyAnswer), { statuses: [403], instead: hasEndpoints }).catch(gone)) === hasEndpoints)
    throw inUse(name, []);
}

/** Somebody was faster. */
function gone(thrown: unknown): null {
  if (thrown instanceof RetryableError && thrown.code === 'NETWORK_MISSING') return null;
  throw thrown;
}

/** @throws {TerminalError} NOT_OURS when its labels are not those of a network that this node made */
export function assertOurs({ Name, Labels }: InspectedNetwork, node: string): void {
  if (Labels?.[labels.node] === node && Labels[labels.network] === Name) return;
  throw new TerminalError('NOT_OURS', `network ${Name} was not made by node ${node}; it is left alone`, { details: { network: Name } });
}

/** Names those that nobody but their owner may take off. */
export function inUse(name: string, members: readonly { readonly name: string }[]): RetryableError {
  const who = members.length === 0 ? 'a container' : members.map((member) => member.name).join(', ');
  const [are, them] = members.length > 1 ? ['are', 'each'] : ['is', 'it'];
  return new RetryableError(
    'NETWORK_IN_USE',
    `${who} ${are} on network ${name}; take ${them} off with "docker network disconnect ${name} <container>"`,
    {
      details: { network: name },
    },
  );
}

function bodyOf({ name, driver, internal, attachable, labels: given }: NetworkPlan, subnet: Subnet | null): NetworkBody {
  return {
    Name: name,
    Driver: driver,
    Internal: internal,
    Attachable: attachable,
    Labels: { ...given },
    ...(subnet ? { IPAM: { Config: [subnet] } } : {}),
  };
}

function memberOf({ Id, Names, Labels }: z.infer<typeof Members>[number]): ObservedNetwork['members'][number] {
  const { [labels.node]: node, [labels.service]: service } = Labels ?? {};
  const owner = node === undefined || service === undefined ? null : { node, service };
  return { container: Id, name: (Names?.[0] ?? Id).replace(/^\//, ''), owner };
}
