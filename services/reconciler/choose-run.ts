import { type RunRecord, releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { ulid } from 'ulid';
import { isTriggeredJob } from './core/decide-rollout.ts';
import { chooseImageOf, wantedOf } from './decide-service.ts';
import type { Making } from './make-container.ts';
import type { World } from './observe-service.ts';

/**
 * What a run is made of. Where rollouts bring new releases (they run each once, and judge it), it is the release that serves; a job that only
 * its schedule starts, or `pull = "always"`, takes what the registry says now.
 * @throws {RetryableError} IMAGE_UNRESOLVED
 */
export function chooseRun(world: World & { readonly spec: ServiceSpec }, { instant }: Pick<RunRecord, 'instant'>): Making {
  const { spec } = world;
  const served = wantedOf(world, 'serving');
  const isNewest = isTriggeredJob(spec) || spec.dispenser.pull === 'always';
  if (served?.spec && !isNewest) return { ...served, spec: served.spec };
  const choice = chooseImageOf(world, true);
  if (choice.kind === 'waiting') throw new RetryableError(choice.code, choice.message);
  const { digest, source } = choice;
  const release = releaseName(spec, digest);
  return { spec, release, digest, source, rollout: served?.release === release ? served.rollout : ulid(Date.parse(instant)) };
}
