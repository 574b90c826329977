import type { Bus } from '@kedge/shared/bus';
import {
  type DependencyCondition,
  imageKey,
  type ReleaseRecord,
  releaseName,
  type ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import { chooseImage } from './core/choose-image.ts';
import type { DeclaredRelease, Dependency } from './core/dependencies.ts';
import { isStartedByOthers } from './core/purpose.ts';
import { barAgainst } from './core/standing-bars.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { Stores } from './stores.ts';

interface FinderPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'image'>;
  readonly stores: Pick<Stores, 'images' | 'bars'>;
}

/**
 * A new release needs what is declared of the others. What returns from having been taken down ran beside what they were: it waits only for
 * what comes up, too, and for a completion in whatever release.
 */
export type Starting = 'release' | 'return';

/** What was read of the services that somebody depends on. */
export interface Known {
  readonly manifest: Pick<World['manifest'], 'services'>;
  readonly containers: readonly ObservedContainer[];
  /** `spec`: null where nothing is declared under that name, or it is being written. */
  readonly of: (service: ServiceName) => { readonly spec: ServiceSpec | null; readonly record: KnownRecord | null };
}

type KnownRecord = Pick<ReleaseRecord, 'serving' | 'rollout' | 'waiting' | 'last' | 'pinned'>;

/** What is to be judged of the services that a start has to wait for. */
export type FindDependencies = (spec: Pick<ServiceSpec, 'depends_on'>, what: Starting, known: Known) => Promise<readonly Dependency[]>;

/** Asks store and engine only about what has to complete. */
export function createDependencyFinder({ bus, engine, stores }: FinderPorts): FindDependencies {
  /** The release that the next pass over it leads to, of what runs once and ends. */
  async function declaredOf(spec: ServiceSpec, record: KnownRecord | null, declaration: string | undefined): Promise<DeclaredRelease> {
    const { name, image } = spec.service;
    const [entry, local, bars] = await Promise.all([
      stores.images.get(imageKey(image)),
      engine.image(image),
      stores.bars.get(serviceKey(bus.node, name)),
    ]);
    const images = { entry: entry?.value ?? null, local: local?.id ?? null };
    const choice = chooseImage({ ...images, spec, pinned: record?.pinned, serving: record?.serving ?? record?.rollout ?? null });
    const release = choice.kind === 'chosen' ? releaseName(spec, choice.digest) : null;
    // What serves is kept, whatever was said of it.
    const bar = release === record?.serving?.release ? null : barAgainst(release, bars?.value.bars ?? [], declaration);
    return { release, barred: bar?.message ?? null };
  }

  return async function find({ depends_on }, what, { manifest, containers, of }) {
    const asked = Object.entries(depends_on ?? {}) as [ServiceName, DependencyCondition][];
    const found = asked.map(async ([service, condition]): Promise<Dependency[]> => {
      const { spec, record } = of(service);
      if (what === 'return' && condition === 'completed' && spec && isStartedByOthers(spec)) return [];
      const own = containers.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node);
      const mustComplete = what === 'release' && condition === 'completed' && spec !== null && spec.dispenser.cron === undefined;
      const declared = mustComplete ? await declaredOf(spec, record, manifest.services[service]) : null;
      return [{ service, condition, containers: own, policy: spec ? (spec.service.restart ?? 'no') : null, record, declared }];
    });
    return (await Promise.all(found)).flat();
  };
}
