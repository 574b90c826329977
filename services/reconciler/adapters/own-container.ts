import { ownContainerId } from '@kedge/shared/service';
import type { DockerApi } from './docker-api.ts';
import { inspectContainer } from './docker-inspect.ts';

/** The host folder behind a mount of this process's own container; null outside of a container, or when nothing is mounted there. */
export async function hostPathOfOwnMount(api: DockerApi, destination: string): Promise<string | null> {
  const id = ownContainerId();
  const container = id === null ? null : await inspectContainer(api, id);
  return container?.Mounts?.find(({ Destination }) => Destination === destination)?.Source || null;
}
