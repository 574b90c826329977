import { ownContainerId } from '@kedge/shared/service';
import type { DockerApi } from './docker-api.ts';
import { inspectContainer } from './docker-inspect.ts';

/** The host folder behind a mount of this process's own container; null outside of a container, or when nothing is mounted there. */
export async function hostPathOfOwnMount(api: DockerApi, destination: string): Promise<string | null> {
  const id = ownContainerId();
  const container = id === null ? null : await inspectContainer(api, id);
  return container?.Mounts?.find(({ Destination }) => Destination === destination)?.Source || null;
}

/** Outside of a container this process is on the network of the host it runs on, and so is the engine behind its socket. */
export async function sharesHostNetwork(api: DockerApi): Promise<boolean> {
  const id = ownContainerId();
  return id === null || (await inspectContainer(api, id))?.HostConfig.NetworkMode === 'host';
}
