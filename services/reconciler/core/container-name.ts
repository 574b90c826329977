import { type ReleaseName, type ServiceName, shortRelease } from '@kedge/shared/contracts';

/** Deterministic, so that a second creator of the same container is told that the name is taken. */
export function containerName(service: ServiceName, release: ReleaseName, slot: number): string {
  return `${service}.${shortRelease(release)}.${slot}`;
}
