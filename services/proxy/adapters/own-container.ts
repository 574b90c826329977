import { readFile } from 'node:fs/promises';
import { containerIdOf } from '../core/container-id.ts';

/** The id of the container that this process runs in; null when it runs in none. */
export async function ownContainer(mountInfoFile = '/proc/self/mountinfo'): Promise<string | null> {
  return containerIdOf(await readFile(mountInfoFile, 'utf8').catch(() => ''));
}
