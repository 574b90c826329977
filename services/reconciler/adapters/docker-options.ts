import type { ContainerOptions, Healthcheck } from '../ports.ts';
import { allInClear, inClear } from './in-clear.ts';

const nanoseconds = 1_000_000;

/** The part of `POST /containers/create` that is about the container itself. What is not declared is not there: image and engine decide. */
export function containerPart({ healthcheck, stopGraceMs, stopSignal }: ContainerOptions): object {
  return declaredOnly({
    Healthcheck: healthcheck && healthcheckOf(healthcheck),
    StopTimeout: stopGraceMs === undefined ? undefined : Math.ceil(stopGraceMs / 1_000),
    StopSignal: stopSignal,
  });
}

/** The part about how the host runs it. */
export function hostPart(options: ContainerOptions): object {
  const { ulimits, devices, deviceRequests = [], logging } = options;
  return declaredOnly({
    Init: options.init,
    ReadonlyRootfs: options.readOnly,
    Privileged: options.privileged,
    Tmpfs: options.tmpfs,
    CapAdd: options.capAdd,
    CapDrop: options.capDrop,
    SecurityOpt: options.securityOpt,
    Ulimits: ulimits && Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
    ShmSize: options.shmBytes,
    Dns: options.dns,
    Sysctls: options.sysctls,
    Devices: devices?.map(({ onHost, inContainer, may }) => ({
      PathOnHost: onHost,
      PathInContainer: inContainer,
      CgroupPermissions: may,
    })),
    DeviceRequests:
      deviceRequests.length === 0
        ? undefined
        : deviceRequests.map(({ driver, count, ids, capabilities, options: own }) => ({
            Driver: driver,
            Count: count,
            DeviceIDs: ids,
            Capabilities: capabilities.length === 0 ? [] : [capabilities],
            Options: own,
          })),
    LogConfig: logging && { Type: logging.driver, Config: allInClear(logging.options) },
  });
}

function healthcheckOf(check: Healthcheck): object {
  return declaredOnly({
    Test: check.test?.map(inClear),
    Interval: inNanoseconds(check.intervalMs),
    Timeout: inNanoseconds(check.timeoutMs),
    Retries: check.retries,
    StartPeriod: inNanoseconds(check.startPeriodMs),
    StartInterval: inNanoseconds(check.startIntervalMs),
  });
}

function inNanoseconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms * nanoseconds;
}

/** Without the keys that have no value. */
function declaredOnly(part: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
}
