import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Places {
  /** Dispenser's folder, where it leaves its process id. */
  readonly folder: string;
  /** As `/proc`. */
  readonly processes: string;
}

/**
 * The process of a Dispenser that works on this folder; null when there is none, or none that can be seen from here. A killed one leaves
 * its file behind, and its number to somebody else.
 */
export async function findDispenser({ folder, processes }: Places): Promise<number | null> {
  const text = await readFile(join(folder, 'dispenser.pid'), 'utf8').catch(() => '');
  const pid = /^\s*([1-9]\d*)\s*$/.exec(text)?.[1];
  if (pid === undefined) return null;
  const name = await readFile(join(processes, pid, 'comm'), 'utf8').catch(() => '');
  return name.trim() === 'dispenser' ? Number(pid) : null;
}
