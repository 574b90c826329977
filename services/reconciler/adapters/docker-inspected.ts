import { z } from 'zod';
import { hostAddress, hostNetwork } from '../core/host-network.ts';
import type { ObservedContainer } from '../ports.ts';
import { readKedgeLabels } from './docker-labels.ts';

/** How a container hangs on one network. The engine keeps the configuration of a stopped container; only a running one has an endpoint. */
const InspectedEndpoint = z.object({
  IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullish(),
  Aliases: z.array(z.string()).nullish(),
  EndpointID: z.string().default(''),
  IPAddress: z.string().default(''),
});
export type InspectedEndpoint = z.infer<typeof InspectedEndpoint>;

const EngineInstant = z.string().transform((text) => (text.startsWith('0001-') ? null : new Date(text)));

/** `GET /containers/{id}/json`: the fields we use. */
export const InspectedContainer = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Image: z.string(),
  RestartCount: z.int().default(0),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    ExitCode: z.int(),
    StartedAt: EngineInstant,
    FinishedAt: EngineInstant,
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({ Image: z.string().default(''), Labels: z.record(z.string(), z.string()).nullish(), Tty: z.boolean().default(false) }),
  HostConfig: z.object({ NetworkMode: z.string().default('') }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), InspectedEndpoint).nullish() }),
  Mounts: z.array(z.object({ Source: z.string().default(''), Destination: z.string() })).nullish(),
});
export type InspectedContainer = z.infer<typeof InspectedContainer>;

/** What the planner wants to know of an inspected container. */
export function observe(inspected: InspectedContainer): ObservedContainer {
  const { Id, Image, RestartCount, Created, State, Config } = inspected;
  const kedge = readKedgeLabels(labelsOf(inspected));
  const name = nameOf(inspected);
  // The network that a container of ours was created on is the default one; where a foreign one hangs is its own business.
  const endpoint = kedge ? endpointOn(inspected, inspected.HostConfig.NetworkMode) : null;
  const belongsOn = kedge?.networks ?? [];
  const isHosts = kedge !== null && isOnHost(inspected);
  const namedOn =
    kedge && !isHosts ? [inspected.HostConfig.NetworkMode, ...belongsOn].filter((each) => isNamed(inspected, each, kedge.service)) : [];
  return {
    id: Id,
    name,
    state: State.Status,
    health: healthOf(State.Health?.Status),
    exitCode: exitCodeOf(State),
    restartCount: RestartCount,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    createdAt: new Date(Created),
    imageId: Image,
    image: Config.Image,
    address: isHosts
      ? hostAddress
      : endpoint && !isLost(inspected, endpoint)
        ? endpoint.IPAMConfig?.IPv4Address || endpoint.IPAddress || null
        : null,
    networks: Object.keys(inspected.NetworkSettings.Networks ?? {}).toSorted(),
    cutFrom: belongsOn.filter((network) => isCutFrom(inspected, network)),
    namedOn,
    hasAlias: isHosts || (endpoint !== null && namedOn.length === belongsOn.length + 1),
    kedge,
  };
}

/** It has neither address nor name of its own. */
export function isOnHost({ HostConfig }: Pick<InspectedContainer, 'HostConfig'>): boolean {
  return HostConfig.NetworkMode === hostNetwork;
}

/** The engine's DNS answers for a container's name as for its aliases. */
function isNamed(inspected: InspectedContainer, network: string, service: string): boolean {
  const endpoint = endpointOn(inspected, network);
  return endpoint !== null && [nameOf(inspected), ...(endpoint.Aliases ?? [])].some((each) => sameName(each, service));
}

function isCutFrom(inspected: InspectedContainer, network: string): boolean {
  const endpoint = endpointOn(inspected, network);
  return endpoint === null || isLost(inspected, endpoint);
}

/** Without the leading slash. */
export function nameOf({ Name }: Pick<InspectedContainer, 'Name'>): string {
  return Name.replace(/^\//, '');
}

/** Empty for a container that has none. */
export function labelsOf({ Config }: Pick<InspectedContainer, 'Config'>): Readonly<Record<string, string>> {
  return Config.Labels ?? {};
}

/** Its endpoint on a network by that name, in whatever state; null when it is not configured for it. */
export function endpointOn({ NetworkSettings }: Pick<InspectedContainer, 'NetworkSettings'>, network: string): InspectedEndpoint | null {
  return NetworkSettings.Networks?.[network] ?? null;
}

/** A running container that is configured for a network but has no endpoint there: somebody was killed between taking it off and putting it back. */
export function isLost({ State }: Pick<InspectedContainer, 'State'>, endpoint: InspectedEndpoint): boolean {
  return ['running', 'paused'].includes(State.Status) && endpoint.EndpointID === '';
}

/** The engine's DNS does not tell upper from lower case. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function healthOf(status: string | undefined): ObservedContainer['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : 'none';
}

/** A created container has a code only when its start failed (126, 127, 128). */
export function exitCodeOf({ Status, ExitCode }: InspectedContainer['State']): number | null {
  if (Status === 'running' || Status === 'paused') return null;
  return Status === 'created' && ExitCode === 0 ? null : ExitCode;
}
