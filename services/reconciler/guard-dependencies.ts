import type { Bus } from '@kedge/shared/bus';
import { type ReleaseRecord, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { unmetDependency } from './core/dependencies.ts';
import { isForDependency } from './core/obstacles.ts';
import type { FindDependencies, Starting } from './find-dependencies.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'list'>;
  readonly stores: Pick<Stores, 'services' | 'releases'>;
  readonly findDependencies: FindDependencies;
  /** Longer than this a service does not wait in silence. */
  readonly deadlineMs: number;
}

/**
 * Asked before anything is started that was declared to come after others. It rejects with RetryableError DEPENDENCY_PENDING, with
 * DEPENDENCY_FAILED when what it waits for will not come by itself, and with DEPENDENCY_TIMEOUT when it waited for too long.
 */
export type DependencyGuard = (world: Pick<World, 'record' | 'now' | 'manifest'>, spec: ServiceSpec, what: Starting) => Promise<void>;

/** What was waited for before counts into the deadline, whoever waited. */
export function createDependencyGuard({ bus, engine, stores, findDependencies, deadlineMs }: GuardPorts): DependencyGuard {
  return async function assertDependencies({ record, now, manifest }, spec, what) {
    const names = Object.keys(spec.depends_on ?? {}) as ServiceName[];
    if (names.length === 0) return;
    const [containers, specs, records] = await Promise.all([
      engine.list(bus.node, { names }),
      Promise.all(names.map(async (name) => await stores.services.get(serviceKey(bus.node, name)))),
      Promise.all(names.map(async (name) => await stores.releases.get(serviceKey(bus.node, name)))),
    ]);
    const of = (service: ServiceName) => {
      const index = names.indexOf(service);
      const entry = specs[index]?.value;
      return { spec: entry?.hash === manifest.services[service] ? (entry?.spec ?? null) : null, record: records[index]?.value ?? null };
    };
    const unmet = unmetDependency(await findDependencies(spec, what, { manifest, containers, of }));
    if (!unmet) return;
    const waitedMs = now - waitingSince(record?.value, now);
    if (waitedMs <= deadlineMs) throw new RetryableError(unmet.code, unmet.message);
    const deadline = deadlineMs % 60_000 === 0 ? `${deadlineMs / 60_000} min` : `${deadlineMs / 1_000} s`;
    throw new RetryableError(
      'DEPENDENCY_TIMEOUT',
      `${unmet.message}; that for more than ${deadline}: mend it, or take it out of [depends_on]`,
    );
  };
}

function waitingSince(record: ReleaseRecord | undefined, now: number): number {
  const { waiting } = record ?? {};
  return waiting && isForDependency(waiting.code) ? Date.parse(waiting.since) : now;
}
