import { hashJson } from '../kernel/index.ts';
import { type Digest, ReleaseName } from './names.ts';
import type { ServiceSpec } from './service-spec.ts';

/**
 * Names the release of a spec and a digest. `[proxy]`, `[dispenser]` (watch, cron, …), dependencies, gates and drain times stay
 * outside, because a change there replaces no container.
 * The golden file of this function holds for ever: another hash for the same input would roll every service on an upgrade.
 */
export function releaseName(spec: ServiceSpec, digest: Digest): ReleaseName {
  const { service, port, volume, env, network, extra_host } = spec;
  const { replicas: _replicas, strategy: _strategy, ...container } = service;
  const declared = Object.entries({ service: container, port, volume, env, network, extra_host }).filter(
    ([, value]) => value !== undefined,
  );
  return ReleaseName.parse(`v1:${hashJson({ ...Object.fromEntries(declared), digest })}`);
}
