import type { Bus } from '@kedge/shared/bus';
import { imageKey, type ReleaseRecord, releaseName, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { chooseImage } from './core/choose-image.ts';
import { type DeclaredRelease, type Dependency, unmetDependency } from './core/dependencies.ts';
import { isForDependency } from './core/obstacles.ts';
import { barAgainst } from './core/standing-bars.ts';
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
export type DependencyGuard = (world: Pick<World, 'record' | 'now' | 'manifest'>, spec: ServiceSpec, what: Starting) => Promise<void>;

/**
 * A new release needs what is declared of the others. What returns from having been taken down ran beside what they were: it waits only for
 * what comes up, too, and for a completion in whatever release.
 */
export type Starting = 'release' | 'return';

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
    const choice = chooseImage({ ...known, spec, pinned: record?.pinned, serving: record?.serving ?? record?.rollout ?? null });
    const release = choice.kind === 'chosen' ? releaseName(spec, choice.digest) : null;
    // What serves is kept, whatever was said of it.
    const bar = release === record?.serving?.release ? null : barAgainst(release, bars?.value.bars ?? [], declaration);
    return { release, barred: bar?.message ?? null };
  }

  return async function assertDependencies({ record, now, manifest }, { depends_on }, what) {
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
      const spec = specs[index]?.value.hash === manifest.services[service] ? specs[index]?.value.spec : undefined;
      if (what === 'return' && condition === 'completed' && spec && !runsUnasked(spec)) return [];
      const containers = all.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node);
      const known = records[index]?.value ?? null;
      const mustComplete = what === 'release' && condition === 'completed' && spec !== undefined && spec.dispenser.cron === undefined;
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

/** Nobody has to ask for it, and no schedule: it runs whenever all comes up. */
function runsUnasked({ dispenser }: ServiceSpec): boolean {
  return dispenser.cron === undefined && dispenser.initialize !== 'on-trigger';
}

function waitingSince(record: ReleaseRecord | undefined, now: number): number {
  const { waiting } = record ?? {};
  return waiting && isForDependency(waiting.code) ? Date.parse(waiting.since) : now;
}
