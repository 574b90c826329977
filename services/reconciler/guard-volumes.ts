import type { Bus } from '@kedge/shared/bus';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { adoptedIds } from './adopt-place.ts';
import { writtenBy } from './core/desired-container.ts';
import { stillWritten } from './core/still-written.ts';
import { createSourceGuard } from './guard-sources.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'writable' | 'unseen'>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

/**
 * Asked before anything is stopped, made or started: two services never write at once because one
 * took the other's place. It rejects with RetryableError VOLUME_IN_USE, and with SOURCE_MISSING where there is nothing to mount.
 */
export type VolumeGuard = (world: Pick<World, 'manifest' | 'record'>, spec: ServiceSpec) => Promise<void>;

/** Asks for sources first: what is missing is told before what is in use. */
export function createVolumeGuard({ bus, engine, configFolder }: GuardPorts): VolumeGuard {
  const assertSourcesSeen = createSourceGuard({ engine, configFolder });

  return async function assertVolumesFree({ manifest, record }, spec) {
    await assertSourcesSeen(spec);
    if (!spec.volume?.some(({ readonly }) => !readonly)) return;
    const sources = writtenBy(spec, await configFolder());
    const adopted = adoptedIds(record?.value);
    const held = (await engine.writable()).filter(({ container }) => !adopted.includes(container));
    const reason = stillWritten({ sources, held, node: bus.node, declared: manifest.services });
    if (reason !== null) throw new RetryableError('VOLUME_IN_USE', reason);
  };
}
