import type { GpuRequest, HealthcheckSpec, SecretableText, ServiceTable } from '@kedge/shared/contracts';
import { parseDurationMs, parseMemoryBytes } from '@kedge/shared/kernel';
import type { ContainerOptions, DeviceRequest, Healthcheck, MaybeSealed } from '../ports.ts';

type Resolve = (text: SecretableText) => MaybeSealed;

/** What `[service]` says beside image, command, limits and places, as the engine port wants it. */
export function containerOptions(service: ServiceTable, resolve: Resolve): ContainerOptions {
  const { logging, devices = [], gpus = [] } = service;
  return {
    healthcheck: service.healthcheck && healthcheckOf(service.healthcheck, resolve),
    stopGraceMs: durationOf(service.stop_grace_period),
    stopSignal: service.stop_signal,
    init: service.init,
    readOnly: service.read_only,
    privileged: service.privileged,
    tmpfs: service.tmpfs && Object.fromEntries(service.tmpfs.map((mount) => splitAt(mount, ':'))),
    capAdd: service.cap_add,
    capDrop: service.cap_drop,
    securityOpt: service.security_opt?.map(securityOption),
    ulimits: service.ulimits,
    shmBytes: service.shm_size === undefined ? undefined : parseMemoryBytes(service.shm_size, 'shm_size'),
    dns: service.dns,
    sysctls: service.sysctls,
    devices: service.devices && devices.filter((device) => !isChosenByName(device)).map(deviceOf),
    deviceRequests: [...chosenByName(devices.filter(isChosenByName)), ...gpus.map(gpuRequest)],
    logging: logging && { driver: logging.driver ?? '', options: textsOf(logging.options, resolve) },
  };
}

/** `name:address`; an IPv6 address may stand in brackets. */
export function extraHost(text: string): { readonly hostname: string; readonly address: string } {
  const [hostname, address] = splitAt(text, ':');
  return { hostname, address: address.replace(/^\[(.*)\]$/, '$1') };
}

/** Each text of a table, resolved. */
export function textsOf<Value>(
  texts: Readonly<Record<string, SecretableText>> = {},
  resolve: (text: SecretableText) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, resolve(text)]));
}

function healthcheckOf(check: HealthcheckSpec, resolve: Resolve): Healthcheck {
  return {
    test: check.test?.map(resolve),
    intervalMs: durationOf(check.interval),
    timeoutMs: durationOf(check.timeout),
    retries: check.retries,
    startPeriodMs: durationOf(check.start_period),
    startIntervalMs: durationOf(check.start_interval),
  };
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDurationMs(text);
}

/** `seccomp:unconfined` is what Compose still accepts, and engines do not any more. */
function securityOption(option: string): string {
  return option.includes('=') ? option : option.replace(':', '=');
}

/** `/dev/sda`, `/dev/sda:rwm`, `/dev/sda:/dev/xvda` or `/dev/sda:/dev/xvda:r`. */
function deviceOf(device: string): NonNullable<ContainerOptions['devices']>[number] {
  const [onHost, rest] = splitAt(device, ':');
  if (/^[rwm]+$/.test(rest)) return { onHost, inContainer: onHost, may: rest };
  const [inContainer, may] = splitAt(rest, ':');
  return { onHost, inContainer: inContainer || onHost, may: may || 'rwm' };
}

/** `vendor.com/class=name`: a device of the Container Device Interface, which the engine finds by its name. */
function isChosenByName(device: string): boolean {
  return /^[^/:]+\/[^/:=]+=[^/]+$/.test(device);
}

function chosenByName(ids: readonly string[]): DeviceRequest[] {
  return ids.length === 0 ? [] : [{ driver: 'cdi', count: 0, ids, capabilities: [], options: {} }];
}

/** Those that are named, else as many as are counted, else all. */
function gpuRequest({ driver, count, device_ids: ids = [], capabilities = [], options }: GpuRequest): DeviceRequest {
  return {
    driver: driver ?? '',
    count: ids.length > 0 ? 0 : (count ?? -1),
    ids,
    capabilities: [...new Set([...capabilities, 'gpu'])],
    options: options ?? {},
  };
}

/** The text before and after the first separator; nothing after it where there is none. */
function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
