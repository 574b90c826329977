import { posix } from 'node:path';
import {
  type Digest,
  type NodeName,
  type ReleaseName,
  routingOf,
  type SecretableText,
  type SecretRef,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import { hashJson, parseMemoryBytes, parseNanoCpus, type Sealed, TerminalError } from '@kedge/shared/kernel';
import { type ContainerPlan, labels } from '../ports.ts';
import { containerOptions, extraHost, textsOf } from './container-options.ts';
import { routeText } from './endpoints.ts';
import type { HostSource } from './judge-sources.ts';
import { isEngines } from './networks/plan-networks.ts';
import { runsBesideNothing } from './purpose.ts';
import { secretPlaces } from './secret-places.ts';

interface DesiredContainer {
  readonly spec: ServiceSpec;
  readonly node: NodeName;
  readonly release: ReleaseName;
  readonly rollout: string;
  readonly slot: number;
  readonly name: string;
  readonly digest: Digest;
  readonly source: 'registry' | 'local';
  /** What the engine knows the image by. */
  readonly image: string;
  readonly network: string;
  /** Null on the host's network. */
  readonly address: string | null;
  /** Values by reference; every reference of the spec must be there. */
  readonly secrets: ReadonlyMap<string, Sealed>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: string;
}

/** Everything that the engine has to know to make the container; nothing is left to default. */
export function desiredContainer(desired: DesiredContainer): ContainerPlan {
  const { spec, secrets } = desired;
  const { service } = spec;
  const resolved = (text: SecretableText) => (typeof text === 'string' ? text : secretOf(text, secrets));
  return {
    name: desired.name,
    image: desired.image,
    labels: labelsOf(desired),
    userLabels: textsOf(service.labels, resolved),
    command: service.command?.map(resolved),
    entrypoint: service.entrypoint?.map(resolved),
    workingDir: service.working_dir,
    user: service.user,
    hostname: service.hostname,
    memoryBytes: service.memory === undefined ? undefined : parseMemoryBytes(service.memory),
    nanoCpus: service.cpus === undefined ? undefined : parseNanoCpus(service.cpus),
    restart: service.restart ?? 'no',
    env: textsOf(spec.env, resolved),
    ports: publishedBy(spec),
    volumes: (spec.volume ?? []).map(({ source, target, readonly }) => ({
      source: hostSource(source, desired.configFolder),
      target,
      readonly: readonly ?? false,
    })),
    extraHosts: [
      ...(spec.extra_host ?? []).map(({ hostname, ipv4 }) => ({ hostname, address: ipv4 })),
      ...(service.extra_hosts ?? []).map(extraHost),
    ],
    options: containerOptions(service, resolved),
    network: desired.network,
    address: desired.address,
    networks: otherNetworks(spec, desired.network),
  };
}

/** The ports of the host that a container of this spec has. */
export function publishedBy({ port = [] }: Pick<ServiceSpec, 'port'>): ContainerPlan['ports'] {
  return port.map(({ host, container, protocol, host_ip }) => ({
    host,
    container,
    protocol: protocol ?? 'tcp',
    hostIp: host_ip ?? '0.0.0.0',
  }));
}

/** The folders, files and sockets of the host that a container of this spec has. */
export function hostSourcesOf({ volume = [] }: Pick<ServiceSpec, 'volume'>, configFolder: string): readonly HostSource[] {
  const all = volume.map(({ source, target, readonly = false }) => ({
    declared: source,
    path: hostSource(source, configFolder),
    target,
    readonly,
  }));
  return all.filter(({ path }) => posix.isAbsolute(path)).map((source) => ({ ...source, path: posix.resolve(source.path) }));
}

/** The volumes and folders of the host that a container of this spec may write to, spelled as the engine does. */
export function writtenBy({ volume = [] }: Pick<ServiceSpec, 'volume'>, configFolder: string): readonly string[] {
  const sources = volume.filter(({ readonly }) => !readonly).map(({ source }) => hostSource(source, configFolder));
  return sources.map((source) => (posix.isAbsolute(source) ? posix.resolve(source) : source));
}

/** The networks that a container of this spec belongs on beside the default one. */
export function otherNetworks({ network = [] }: Pick<ServiceSpec, 'network'>, defaultNetwork: string): readonly string[] {
  return [...new Set(network.map(({ name }) => name))].filter((name) => name !== defaultNetwork);
}

/** References of all values that only the secrets component can tell. */
export function secretsOf(spec: ServiceSpec): readonly SecretRef[] {
  const { command = [], entrypoint = [], labels: given = {}, healthcheck, logging } = spec.service;
  const tables = [given, spec.env ?? {}, logging?.options ?? {}];
  const texts = [...command, ...entrypoint, ...(healthcheck?.test ?? []), ...tables.flatMap((table) => Object.values(table))];
  return texts.filter((text) => typeof text !== 'string');
}

function secretOf({ ref }: SecretRef, secrets: ReadonlyMap<string, Sealed>): Sealed {
  const value = secrets.get(ref);
  if (!value) throw new TerminalError('SECRET_MISSING', `the secrets component gave no value for ${ref}`, { details: { ref } });
  return value;
}

function labelsOf(desired: DesiredContainer): Record<string, string> {
  // On the engine's own networks nobody has a name.
  const others = otherNetworks(desired.spec, desired.network).filter((name) => !isEngines(name));
  const routes = (routingOf(desired.spec)?.routes ?? []).map(routeText);
  return {
    [labels.node]: desired.node,
    [labels.service]: desired.spec.service.name,
    [labels.release]: desired.release,
    [labels.rollout]: desired.rollout,
    [labels.slot]: String(desired.slot),
    [labels.shape]: shapeOf(desired),
    [labels.image]: desired.spec.service.image,
    [labels.digest]: desired.digest,
    [labels.source]: desired.source,
    ...(desired.address === null ? {} : { [labels.address]: desired.address }),
    ...(others.length === 0 ? {} : { [labels.networks]: JSON.stringify(others) }),
    ...(routes.length === 0 ? {} : { [labels.routes]: JSON.stringify(routes) }),
    ...(runsBesideNothing(desired.spec) ? { [labels.alone]: 'true' } : {}),
    [labels.sealed]: JSON.stringify(secretPlaces(desired.spec)),
  };
}

/**
 * Tells containers of the same name apart that were made differently. Secrets count by fingerprint; the address, the name and the
 * rollout do not count.
 */
function shapeOf({ spec, digest, network, configFolder }: DesiredContainer): string {
  const { replicas: _replicas, strategy: _strategy, ...container } = spec.service;
  const volumes = (spec.volume ?? []).map((volume) => ({ ...volume, source: hostSource(volume.source, configFolder) }));
  return hashJson({
    container,
    digest,
    network,
    volumes,
    env: spec.env ?? {},
    port: spec.port ?? [],
    networks: spec.network ?? [],
    extraHosts: spec.extra_host ?? [],
  });
}

/** A relative source lies in the configuration folder; a name without `/` is a volume. */
function hostSource(source: string, configFolder: string): string {
  return source.startsWith('./') || source.startsWith('../') ? posix.join(configFolder, source) : source;
}
