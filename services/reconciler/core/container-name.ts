import { type ReleaseName, type ServiceName, shortRelease } from '@kedge/shared/contracts';

interface Named {
  readonly service: ServiceName;
  readonly release: ReleaseName;
  readonly slot: number;
}

/** Deterministic, so that a second creator of the same container is told that the name is taken. */
export function containerName({ service, release, slot }: Named): string {
  return `${service}.${shortRelease(release)}.${slot}`;
}
