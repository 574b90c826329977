import { readFile } from 'node:fs/promises';
import type { DockerApi } from './docker-api.ts';
import { inspectContainer } from './docker-inspect.ts';

/** The host folder behind a mount of this process's own container; null outside of a container, or when nothing is mounted there. */
export async function hostPathOfOwnMount(api: DockerApi, destination: string): Promise<string | null> {
  const id = ownContainerId(await readMounts());
  const container = id === null ? null : await inspectContainer(api, id);
  return container?.Mounts?.find(({ Destination }) => Destination === destination)?.Source || null;
}

/**
 * The id of the container that this process runs in, from `/proc/self/mountinfo` (proc(5)): the engine mounts `/etc/hostname` from a folder
 * that is named by the id. The host name itself may have been set to anything.
 */
export function ownContainerId(mountinfo: string): string | null {
  return /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /.exec(mountinfo)?.[1] ?? null;
}

/** Only Linux has it. */
async function readMounts(): Promise<string> {
  try {
    return await readFile('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}
