import type { Bus } from '@kedge/shared/bus';
import { imageKey, type ReleaseRecord, releaseName, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { chooseImage } from './core/choose-image.ts';
import { type DeclaredRelease, type Dependency, unmetDependency } from './core/dependencies.ts';
import { isForDependency } from './core/obstacles.ts';
import { standingBars } from './core/standing-bars.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'list' | 'image'>;
  readonly stores: Pick<Stores, 'services' | 'releases' | 'images' | 'bars'>;
  /** Longer than this a service does not wait in silence. */
  readonly deadlineMs: number;
}

/**
 * Asked before anything is started that was declared to come after others. It rejects with RetryableError DEPENDENCY_PENDING, with
 * DEPENDENCY_FAILED when what it waits for will not come by itself, and with DEPENDENCY_TIMEOUT when it waited for too long.
 */
export type DependencyGuard = (world: Pick<World, 'record' | 'now' | 'manifest'>, spec: ServiceSpec) => Promise<void>;

/** What was waited for before counts into the deadline, whoever waited. */
export function createDependencyGuard({ bus, engine, stores, deadlineMs }: GuardPorts): DependencyGuard {
  /** The release that the next pass over it leads to, of what runs once and ends. */
  async function declaredOf(spec: ServiceSpec, record: ReleaseRecord | null, declaration: string | undefined): Promise<DeclaredRelease> {
    const { name, image } = spec.service;
    const [entry, local, bars] = await Promise.all([
      stores.images.get(imageKey(image)),
      engine.image(image),
      stores.bars.get(serviceKey(bus.node, name)),
    ]);
    const known = { entry: entry?.value ?? null, local: local?.id ?? null };
    const choice = chooseImage({ ...known, spec, pinned: record?.pinned, serving: record?.serving ?? null });
    const release = choice.kind === 'chosen' ? releaseName(spec, choice.digest) : null;
    const bar = standingBars(bars?.value.bars ?? [], declaration).find((each) => each.release === release);
    return { release, barred: bar?.message ?? null };
  }

  return async function assertDependencies({ record, now, manifest }, { depends_on }) {
    const names = Object.keys(depends_on ?? {}) as ServiceName[];
    if (!depends_on || names.length === 0) return;
    const [all, specs, records] = await Promise.all([
      engine.list(bus.node, { names }),
      Promise.all(names.map(async (name) => await stores.services.get(serviceKey(bus.node, name)))),
      Promise.all(names.map(async (name) => await stores.releases.get(serviceKey(bus.node, name)))),
    ]);
    const asked = names.map(async (service, index): Promise<Dependency[]> => {
      const condition = depends_on[service];
      if (condition === undefined) return [];
      const spec = service in manifest.services ? specs[index]?.value.spec : undefined;
      const containers = all.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node);
      const known = records[index]?.value ?? null;
      const mustComplete = condition === 'completed' && spec !== undefined && spec.dispenser.cron === undefined;
      const declared = mustComplete ? await declaredOf(spec, known, manifest.services[service]) : null;
      return [{ service, condition, containers, policy: spec ? (spec.service.restart ?? 'no') : null, record: known, declared }];
    });
    const unmet = unmetDependency((await Promise.all(asked)).flat());
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
