import { statfs } from 'node:fs/promises';
import type { DiskSpace } from '../ports.ts';

/** The disk below our own root: in a container that is where the engine keeps it, beside all others. */
export async function readDiskSpace(): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs('/');
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}
