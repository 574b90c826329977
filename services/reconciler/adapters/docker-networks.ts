import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { z } from 'zod';
import { dynamicRangeOf, freeSubnets, gatewayOf, isIpv4Subnet } from '../core/subnets.ts';
import type { DefaultNetwork } from '../ports.ts';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { hostSubnets } from './host-subnets.ts';

const managed = { 'managed-by': 'kedge' };
const changeTimeoutMs = 30_000;

const AddressPool = z.object({ Subnet: z.string().optional(), Gateway: z.string().optional(), IPRange: z.string().optional() });
const NetworkAddressing = z.object({
  Name: z.string(),
  IPAM: z.object({ Config: z.array(AddressPool).nullish() }).nullish(),
});
const InspectedNetwork = NetworkAddressing.extend({
  Labels: z.record(z.string(), z.string()).nullish(),
  Containers: z.record(z.string(), z.object({ IPv4Address: z.string().default('') })).nullish(),
});
export type InspectedNetwork = z.infer<typeof InspectedNetwork>;

interface WantedDefault {
  readonly name: string;
  /** Its subnet, if that is free. */
  readonly preferred: string;
  readonly log: Logger;
}

/** Makes the default network when it is missing, on the first subnet that is free. */
export async function ensureDefaultNetwork(api: DockerApi, { name, preferred, log }: WantedDefault): Promise<DefaultNetwork> {
  const present = await inspectNetwork(api, name);
  if (present) return toDefaultNetwork(present);

  for (const subnet of freeSubnets(preferred, [...(await engineSubnets(api)), ...(await hostSubnets())])) {
    const made = await makeDefaultNetwork(api, name, subnet);
    if (made === 'made') log.info({ network: name, subnet, preferred: subnet === preferred }, 'default network made');
    // Somebody else may have made it, or taken the subnet, since we looked.
    if (made !== 'subnet-taken') return await presentNetwork(api, name);
    log.info({ network: name, subnet }, 'subnet was taken meanwhile');
  }
  throw new TerminalError(
    'SUBNETS_EXHAUSTED',
    `every private /16 network overlaps another network, so ${name} cannot be made; make it yourself with a free subnet`,
    {
      details: { network: name },
    },
  );
}

/** True when the engine has a network of exactly this name. */
export async function hasNetwork(api: DockerApi, name: string): Promise<boolean> {
  return (await inspectNetwork(api, name)) !== null;
}

async function makeDefaultNetwork(api: DockerApi, name: string, subnet: string): Promise<'made' | 'present' | 'subnet-taken'> {
  const range = dynamicRangeOf(subnet);
  const config = { Subnet: subnet, Gateway: gatewayOf(subnet), ...(range === null ? {} : { IPRange: range }) };
  try {
    const body = { Name: name, Driver: 'bridge', Attachable: true, IPAM: { Config: [config] }, Labels: managed };
    return await createNetwork(api, body);
  } catch (thrown) {
    if (thrown instanceof RetryableError && thrown.code === 'SUBNET_TAKEN') return 'subnet-taken';
    throw thrown;
  }
}

/** The body of `POST /networks/create`. */
export interface NetworkBody {
  readonly Name: string;
  readonly Driver: string;
  readonly [key: string]: unknown;
}

/** `present`: somebody else made it first. */
export async function createNetwork(api: DockerApi, body: NetworkBody): Promise<'made' | 'present'> {
  const call = { what: `make network ${body.Name}`, method: 'POST', path: '/networks/create', body, timeoutMs: changeTimeoutMs } as const;
  return await unlessStatus(
    api.send(call, anyAnswer).then(() => 'made' as const),
    { statuses: [409], instead: 'present' as const },
  );
}

async function presentNetwork(api: DockerApi, name: string): Promise<DefaultNetwork> {
  const present = await inspectNetwork(api, name);
  if (present) return toDefaultNetwork(present);
  throw new RetryableError('NETWORK_MISSING', `network ${name} was there a moment ago and is gone`, { details: { network: name } });
}

/** Reads one network by its name; null when there is none. */
export async function inspectNetwork(api: DockerApi, name: string): Promise<InspectedNetwork | null> {
  const call = { what: `inspect network ${name}`, method: 'GET', path: `/networks/${encodeURIComponent(name)}` } as const;
  const found = await unlessStatus(api.send(call, InspectedNetwork), { statuses: [404], instead: null });
  // The engine also finds a network by the beginning of its id.
  return found?.Name === name ? found : null;
}

async function engineSubnets(api: DockerApi): Promise<string[]> {
  const networks = await api.send({ what: 'list networks', method: 'GET', path: '/networks' }, z.array(NetworkAddressing));
  return networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []));
}

function toDefaultNetwork({ Name, IPAM, Containers }: InspectedNetwork): DefaultNetwork {
  const config = IPAM?.Config?.find(({ Subnet }) => Subnet !== undefined && isIpv4Subnet(Subnet));
  if (config?.Subnet === undefined) {
    throw new TerminalError(
      'NETWORK_UNUSABLE',
      `network ${Name} has no IPv4 subnet, so containers cannot have fixed addresses on it; remove it or declare another`,
      {
        details: { network: Name },
      },
    );
  }
  const used = Object.values(Containers ?? {}).map(({ IPv4Address }) => withoutLength(IPv4Address));
  return {
    name: Name,
    subnet: config.Subnet,
    gateway: config.Gateway ? withoutLength(config.Gateway) : null,
    dynamicRange: config.IPRange || null,
    used: used.filter((address) => address !== ''),
  };
}

/** The engine writes addresses as `172.28.0.2/16`. */
function withoutLength(address: string): string {
  return address.replace(/\/\d+$/, '');
}
