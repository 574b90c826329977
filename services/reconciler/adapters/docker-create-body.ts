import { Sealed } from '@kedge/shared/kernel';
import type { ContainerCreateOptions } from 'dockerode';
import { type ContainerPlan, labels } from '../ports.ts';
import { sameName } from './docker-inspected.ts';
import { containerPart, hostPart } from './docker-options.ts';
import { allInClear, inClear } from './in-clear.ts';

/** The body of `POST /containers/create`. Secrets are in clear in it: it goes to the engine and nowhere else. */
export function createBody(plan: ContainerPlan): ContainerCreateOptions {
  return {
    Image: plan.image,
    Labels: { ...userLabels(plan), ...plan.labels },
    Env: Object.entries(plan.env).map(([key, value]) => `${key}=${inClear(value)}`),
    ...(plan.command ? { Cmd: plan.command.map(inClear) } : {}),
    ...(plan.entrypoint ? { Entrypoint: plan.entrypoint.map(inClear) } : {}),
    ...(plan.workingDir === undefined ? {} : { WorkingDir: plan.workingDir }),
    ...(plan.user === undefined ? {} : { User: plan.user }),
    ...(plan.hostname === undefined || hostnameBetraysService(plan) ? {} : { Hostname: plan.hostname }),
    ...containerPart(plan.options ?? {}),
    ExposedPorts: Object.fromEntries(plan.ports.map((port) => [portKey(port), {}])),
    HostConfig: {
      NetworkMode: plan.network,
      RestartPolicy: { Name: plan.restart },
      Binds: plan.volumes.map(({ source, target, readonly }) => `${source}:${target}${readonly ? ':ro' : ''}`),
      PortBindings: portBindings(plan.ports),
      ExtraHosts: ['host.docker.internal:host-gateway', ...plan.extraHosts.map(({ hostname, address }) => `${hostname}:${address}`)],
      ...(plan.memoryBytes === undefined ? {} : { Memory: plan.memoryBytes }),
      ...(plan.nanoCpus === undefined ? {} : { NanoCpus: plan.nanoCpus }),
      ...hostPart(plan.options ?? {}),
    },
    ...(plan.address === null
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [plan.network]: { IPAMConfig: { IPv4Address: plan.address } } } } }),
  };
}

/**
 * The engine's DNS also answers for a container's host name. One that equals the service's name would bring requests to a container
 * that has not passed its gates, and keep bringing them to one that should leave.
 */
export function hostnameBetraysService({ hostname, labels: given }: Pick<ContainerPlan, 'hostname' | 'labels'>): boolean {
  const service = given[labels.service];
  return hostname !== undefined && service !== undefined && sameName(hostname, service);
}

/** The text without the values that the plan keeps secret: the engine may repeat what it does not like. */
export function withoutSecrets(
  text: string,
  { env, userLabels: given = {}, command = [], entrypoint = [], options = {} }: SecretParts,
): string {
  const { healthcheck, logging } = options;
  const optional = [...(healthcheck?.test ?? []), ...Object.values(logging?.options ?? {})];
  return [...Object.values(env), ...Object.values(given), ...command, ...entrypoint, ...optional].reduce<string>(
    (kept, value) => (value instanceof Sealed && value.reveal() !== '' ? kept.replaceAll(value.reveal(), value.toString()) : kept),
    text,
  );
}

type SecretParts = Pick<ContainerPlan, 'env' | 'userLabels' | 'command' | 'entrypoint' | 'options'>;

/** Every label that begins so is Kedge's own: it would be believed. */
const ownLabels = 'kedge.';

function userLabels({ userLabels: given = {} }: ContainerPlan): Record<string, string> {
  const others = Object.entries(given).filter(([key]) => !key.startsWith(ownLabels));
  return allInClear(Object.fromEntries(others));
}

type PlannedPort = ContainerPlan['ports'][number];

function portKey({ container, protocol }: PlannedPort): string {
  return `${container}/${protocol}`;
}

/** One container port may be published on several host ports. */
function portBindings(ports: readonly PlannedPort[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const byContainerPort = Map.groupBy(ports, portKey);
  return Object.fromEntries(
    [...byContainerPort].map(([key, published]) => [
      key,
      published.map(({ host, hostIp }) => ({ HostIp: hostIp, HostPort: String(host) })),
    ]),
  );
}
