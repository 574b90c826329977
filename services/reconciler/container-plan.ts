import type { Sealed } from '@kedge/shared/kernel';

/** A text that may be a secret: never log it. */
export type MaybeSealed = string | Sealed;

/** A port of the engine's host. */
export interface HostPort {
  readonly host: number;
  readonly protocol: 'tcp' | 'udp';
  /** The address that it is bound to; `0.0.0.0` and `::` stand for all of their family. */
  readonly hostIp: string;
}

/** How to make a container: fully decided, nothing left to default. */
export interface ContainerPlan {
  readonly name: string;
  /** Image id or pinned reference that is present in the engine. */
  readonly image: string;
  /** Kedge's own. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those that the user declared; they never stand for one of Kedge's. */
  readonly userLabels?: Readonly<Record<string, MaybeSealed>> | undefined;
  readonly command?: readonly MaybeSealed[] | undefined;
  readonly entrypoint?: readonly MaybeSealed[] | undefined;
  readonly workingDir?: string | undefined;
  readonly user?: string | undefined;
  readonly hostname?: string | undefined;
  /** Bytes; undefined: no limit. */
  readonly memoryBytes?: number | undefined;
  readonly nanoCpus?: number | undefined;
  readonly restart: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Values may be secrets: never log a plan's env. */
  readonly env: Readonly<Record<string, MaybeSealed>>;
  readonly ports: readonly (HostPort & { readonly container: number })[];
  readonly volumes: readonly { readonly source: string; readonly target: string; readonly readonly: boolean }[];
  /** `address` may be `host-gateway`. */
  readonly extraHosts: readonly { readonly hostname: string; readonly address: string }[];
  /** The default network with the fixed address; no alias of the service at first. On the host's network there is no address. */
  readonly network: string;
  readonly address: string | null;
  /** Other networks, attached before the start. */
  readonly networks: readonly string[];
  readonly options?: ContainerOptions | undefined;
}

/** What a container may be told beside; absent: as image and engine have it. */
export interface ContainerOptions {
  readonly healthcheck?: Healthcheck | undefined;
  /** Between its stop signal and SIGKILL, also when somebody else stops it. */
  readonly stopGraceMs?: number | undefined;
  readonly stopSignal?: string | undefined;
  readonly init?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  readonly privileged?: boolean | undefined;
  /** Options of each mount by its place, for example `size=64m,mode=1777`. */
  readonly tmpfs?: Readonly<Record<string, string>> | undefined;
  readonly capAdd?: readonly string[] | undefined;
  readonly capDrop?: readonly string[] | undefined;
  readonly securityOpt?: readonly string[] | undefined;
  readonly ulimits?: Readonly<Record<string, { readonly soft: number; readonly hard: number }>> | undefined;
  readonly shmBytes?: number | undefined;
  readonly dns?: readonly string[] | undefined;
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  readonly devices?: readonly { readonly onHost: string; readonly inContainer: string; readonly may: string }[] | undefined;
  readonly deviceRequests?: readonly DeviceRequest[] | undefined;
  /** Options may be secrets. */
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, MaybeSealed>> } | undefined;
}

/** Docker's own health check as it was declared; absent: as the image has it. */
export interface Healthcheck {
  /** Words may be secrets. */
  readonly test?: readonly MaybeSealed[] | undefined;
  readonly intervalMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly startPeriodMs?: number | undefined;
  readonly startIntervalMs?: number | undefined;
}

/** Devices that a driver of the engine chooses. */
export interface DeviceRequest {
  readonly driver: string;
  /** -1: all; 0: those that are named. */
  readonly count: number;
  readonly ids: readonly string[];
  readonly capabilities: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}
