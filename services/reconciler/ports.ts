import type { Digest, NodeName, ReleaseName, ServiceName } from '@kedge/shared/contracts';
import type { Closable, Sealed } from '@kedge/shared/kernel';
import type { ContainerPlan, HostPort } from './container-plan.ts';

export { labels } from './container-labels.ts';
export type { ContainerOptions, ContainerPlan, DeviceRequest, Healthcheck, HostPort, MaybeSealed } from './container-plan.ts';

/** What the engine says of one container, with Kedge's labels read. */
export interface ObservedContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Docker's own health; `none` when neither image nor spec has a check. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode: number | null;
  readonly restartCount: number;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly createdAt: Date;
  /** Image id (configuration digest) the container runs. */
  readonly imageId: string;
  /** The reference that the container was made from, as whoever made it wrote it. */
  readonly image: string;
  /** Fixed IPv4 on the default network, the host's own on that of the host; null when it is not attached. */
  readonly address: string | null;
  /** Names of the networks that it is on, or would be. */
  readonly networks: readonly string[];
  /** Networks that it belongs on beside the default one, and is not on. */
  readonly cutFrom: readonly string[];
  /** Networks on which it answers to the service's name. */
  readonly namedOn: readonly string[];
  /** True when the container answers to the service's name on every network that it belongs on; on the host's there is no name to answer to. */
  readonly hasAlias: boolean;
  /** Null for a container that Kedge did not make. */
  readonly kedge: {
    readonly node: string;
    readonly service: ServiceName;
    readonly release: ReleaseName;
    readonly rollout: string;
    readonly slot: number;
    readonly shape: string;
    readonly image: string;
    readonly digest: Digest;
    readonly source: 'registry' | 'local';
    /** The address given at creation, whatever it is attached to now; null for a container made without the label. */
    readonly address: string | null;
    /** Networks that it belongs on beside the default one. */
    readonly networks: readonly string[];
    /** What requests it was made for: host and path in one, as `routeText` gives them. */
    readonly routes: readonly string[];
    /** It was made while nothing was to run beside it that takes a route of it over. */
    readonly isAlone: boolean;
  } | null;
}

/** An image that the engine holds. */
export interface LocalImage {
  /** Image id: the configuration's digest. */
  readonly id: Digest;
  /** Manifest digests it was pulled by, for its repository. */
  readonly repoDigests: readonly string[];
  /** TCP ports of EXPOSE, ascending. */
  readonly exposed: readonly number[];
  readonly hasHealthcheck: boolean;
}

/** Who has something that others may need. */
interface Holder {
  /** Container id. */
  readonly container: string;
  /** Without the leading slash. */
  readonly name: string;
  /** Whose container it is by its labels; null when Kedge did not make it. */
  readonly owner: { readonly node: string; readonly service: string } | null;
}

/** A port of the host that a container has at this moment. */
export interface PublishedPort extends HostPort, Holder {}

/** A place that a running container may write to, and that another one may have too. */
export interface WritableMount extends Holder {
  /** Name of a volume, or path on the host. */
  readonly source: string;
}

/** The network that every container of ours is on, with what addresses are given by. */
export interface DefaultNetwork {
  readonly name: string;
  /** CIDR, for example `172.28.0.0/16`. */
  readonly subnet: string;
  readonly gateway: string | null;
  /** CIDR of the part that the engine gives addresses from by itself; null: anywhere in the subnet. */
  readonly dynamicRange: string | null;
  /** Addresses that something on the network uses now, Kedge's or not. */
  readonly used: readonly string[];
}

/** A network as it shall be made. */
export interface NetworkPlan {
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** A network of the engine, and who is on it. */
export interface ObservedNetwork extends NetworkPlan {
  /** Containers in every state: those that run on it, and those that will when they start. */
  readonly members: readonly Holder[];
}

/** What happened in the engine, as a wake: read the state afresh. */
export interface EngineEvent {
  /** `terminate`: somebody asked it to end (SIGTERM), and it may still run. */
  readonly action: 'start' | 'terminate' | 'die' | 'oom' | 'destroy' | 'health' | 'other';
  readonly container: string;
  /** By its labels; null when it names none. */
  readonly node: string | null;
  readonly service: ServiceName | null;
}

/**
 * The container engine. All calls are bounded (reads 10 s, pulls 10 min, stops grace + 10 s) and idempotent: repeating a call whose effect
 * is there already resolves. They reject with RetryableError ENGINE_UNREACHABLE when the engine does not answer, ENGINE_ERROR when it answers
 * 5xx, and TerminalError ENGINE_REFUSED (with the engine's own sentence) for 4xx that repeating cannot mend.
 */
export interface ContainerEngine {
  /** The engine's own id (stable over restarts), version and platform (`linux/amd64`). */
  info(): Promise<{ readonly id: string; readonly version: string; readonly platform: string }>;
  /** The newest version of the API that the engine speaks, for example `1.51`. */
  apiVersion(): Promise<string>;
  /**
   * All containers, in every state, that carry this node's label or one of `names`; with `service`, of the labelled ones just those of that
   * service (a pass over one service shall not cost more because there are many).
   */
  list(
    node: NodeName,
    wanted?: { readonly names?: readonly string[]; readonly service?: ServiceName },
  ): Promise<readonly ObservedContainer[]>;
  inspect(id: string): Promise<ObservedContainer | null>;
  /** The secret values that a container was given; null when nobody noted which they are, or it is gone. */
  givenSecrets(id: string): Promise<readonly Sealed[] | null>;
  /** The ports of the host that running containers have, Kedge's or not. */
  published(): Promise<readonly PublishedPort[]>;
  /** The volumes and folders of the host that running containers may write to. */
  writable(): Promise<readonly WritableMount[]>;
  /** Which of these paths the engine's host does not have. The image is what the question is asked with, and need not be there. */
  unseen(paths: readonly string[], image: string): Promise<readonly string[]>;
  /** Resolves to null when the engine does not hold it. */
  image(reference: string): Promise<LocalImage | null>;
  /**
   * Pulls `reference@digest` for the engine's platform and tags it as `reference` without moving other tags. Resolves to the image.
   * Rejects with RetryableError REGISTRY_* for registry trouble (REGISTRY_UNREACHABLE, REGISTRY_DENIED, REGISTRY_NOT_FOUND, REGISTRY_ERROR).
   */
  pull(request: {
    readonly reference: string;
    readonly digest: Digest;
    readonly credentials: { readonly username: string; readonly password: Sealed } | null;
    readonly onProgress?: (percent: number) => void;
  }): Promise<LocalImage>;
  /** Creates without starting. When a container of that name and the same `kedge.rollout` and `kedge.shape` labels exists, resolves to it; a foreign one under the name: TerminalError NAME_TAKEN. */
  create(plan: ContainerPlan): Promise<ObservedContainer>;
  /**
   * By id or name. Rejects with TerminalError START_REFUSED (details: `exitCode`) when what the container is made of cannot be started: no such program,
   * one that may not be run, no such user; with RetryableError PORT_TAKEN when somebody else has a published port. Networks and devices
   * that are not there are the engine's business: ENGINE_*.
   */
  start(container: string): Promise<void>;
  /** SIGTERM, then SIGKILL after the grace. A container that is gone or stopped already is fine. */
  stop(id: string, graceMs: number): Promise<void>;
  /** Removes with its anonymous volumes. Re-reads the labels first and rejects with TerminalError NOT_OURS when they are not `expect`. */
  remove(id: string, expect: { readonly service: ServiceName; readonly node: NodeName }): Promise<void>;
  /**
   * Removes a container that Kedge did not make, and keeps its volumes. Re-reads the labels first and rejects with TerminalError NOT_FOREIGN
   * when it is one of Kedge's after all.
   */
  removeForeign(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  /**
   * Re-attaches the container to the default network with the same address and these aliases, and to `others` with these aliases and, where
   * the network allows it, the address that it has there; open connections live on. No-op where it is so already.
   */
  setAliases(
    id: string,
    network: {
      readonly name: string;
      readonly address: string;
      readonly aliases: readonly string[];
      readonly others?: readonly string[];
    },
  ): Promise<void>;
  /** Lets a container go on that a killed predecessor froze in `setAliases`. Harmless for any other. */
  thaw(id: string): Promise<void>;
  /** The last lines of stdout and stderr together, oldest first; `since` cuts off what was written before. */
  logs(id: string, options: { readonly lines: number; readonly since?: Date }): Promise<readonly string[]>;
  /** Waits until the container is not running any more. */
  waitForExit(id: string, signal: AbortSignal): Promise<{ readonly exitCode: number }>;
  /** Makes the default network when it is missing: `preferred` subnet if free, else the first free /16 of 172.16.0.0/12, then of 10.0.0.0/8. An existing one of that name is used as it is. */
  ensureDefaultNetwork(name: string, preferred: string): Promise<DefaultNetwork>;
  /** All networks of the engine. */
  networks(): Promise<readonly ObservedNetwork[]>;
  /** Makes a network when there is none of its name; what an existing one is made of is not looked at. */
  ensureNetwork(plan: NetworkPlan): Promise<void>;
  /**
   * Makes a network of this node anew: its containers are frozen, taken off, and put back with the addresses and aliases that they had.
   * Killed in between it leaves containers that are cut from the network. Rejects with RetryableError NETWORK_IN_USE, and has changed
   * nothing, when a container of somebody else is on it, and with the engine's words when it cannot make such a network at all.
   */
  remakeNetwork(plan: NetworkPlan, node: NodeName): Promise<void>;
  /** Removes a network of this node; one that is gone is fine. Rejects with RetryableError NETWORK_IN_USE while a container is on it. */
  removeNetwork(name: string, node: NodeName): Promise<void>;
  /** The host folder behind a mount of this very process's container, or null when it does not run in one or has no such mount. */
  hostPathOfOwnMount(destination: string): Promise<string | null>;
  /** True when this very process is on the network of the engine's host: outside of a container, or in one that shares it. */
  sharesHostNetwork(): Promise<boolean>;
  /** Follows engine events; reconnects by itself and calls `onResync` whenever some may have been missed (also at first). */
  follow(listener: { readonly onEvent: (event: EngineEvent) => void; readonly onResync: () => void }): Closable;
}

/** A container of the Compose project that Kedge itself was started with. */
export interface ProjectContainer {
  readonly id: string;
  readonly state: string;
  /** Which service of the project it is, for example `proxy`. */
  readonly service: string;
  /** Tells the containers of one service apart; the one that takes another's place has the same. */
  readonly number: string;
  /** True for one that Compose made to take another's place. */
  readonly replaces: boolean;
  readonly createdAt: Date;
}

/** The Compose project that this very process belongs to. */
export interface OwnProject {
  /** Its containers, in every state; null when this process belongs to no project. */
  containers(): Promise<readonly ProjectContainer[] | null>;
}

/** Asks a new container whether it is fit for traffic. */
export interface GateProbe {
  /** One HTTP request; resolves to the status, or to why there was none. */
  http(request: {
    readonly address: string;
    readonly port: number;
    readonly path: string;
    readonly timeoutMs: number;
  }): Promise<ProbeAnswer>;
  /** Opens one TCP connection and closes it. */
  tcp(request: { readonly address: string; readonly port: number; readonly timeoutMs: number }): Promise<ProbeAnswer>;
}

/** `message` says what was asked and what came of it; it is shown to people. */
export type ProbeAnswer = { readonly ok: true; readonly message: string } | { readonly ok: false; readonly message: string };

/** Which ports of the engine's host are free. */
export interface HostPorts {
  /**
   * Finds out by listening there for a moment. `unknown`: this process does not share the network of the engine's host, or the host has no
   * such address. Never rejects for a port that is taken.
   */
  check(port: HostPort): Promise<'free' | 'taken' | 'unknown'>;
}

/** Values that only the secrets component can tell. */
export interface SecretSource {
  /** Resolves references of a spec. Rejects with RetryableError SECRETS_UNAVAILABLE, or SECRET_CHANGED when the file on disk has another value than the spec was made with. */
  resolve(secrets: readonly { readonly ref: string; readonly fingerprint: string }[]): Promise<ReadonlyMap<string, Sealed>>;
  registryCredentials(registry: string): Promise<{ readonly username: string; readonly password: Sealed } | null>;
}

/** Which values must not be seen in what containers print. */
export interface OutputMask {
  /** Rejects when nobody can tell. */
  values(): Promise<readonly Sealed[]>;
}

/** Bytes of a disk. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** As much as may still be written. */
  readonly freeBytes: number;
}

/** Handed in, so that tests decide what time it is. */
export interface Clock {
  now(): Date;
  /** Monotonic milliseconds. */
  monotonicMs(): number;
}
