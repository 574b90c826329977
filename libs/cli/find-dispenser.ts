import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { configNamedBy, type DispenserProcess, type DispenserSight, judgeSight } from './core/dispenser-sight.ts';

interface Places {
  /** Dispenser's folder, where it leaves its process id. */
  readonly folder: string;
  /** As `/proc`. */
  readonly processes: string;
}

/** What can be seen of the Dispenser that works on this folder: by the file that it leaves there, and by the processes of the machine. */
export async function findDispenser({ folder, processes }: Places): Promise<DispenserSight> {
  const text = await textOf(join(folder, 'dispenser.pid'));
  const pid = /^\s*([1-9]\d*)\s*$/.exec(text ?? '')?.[1];
  const numbers = (await readdir(processes).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(numbers.map(async (number) => await lookAt(processes, number)));
  return judgeSight({
    folder: (await withoutLinks(folder)) ?? folder,
    pidInFile: pid === undefined ? null : Number(pid),
    processes: found.filter((each) => each !== null),
    seesAll: await seesWholeMachine(processes),
  });
}

/** Null when that process is no Dispenser, or none that runs. */
async function lookAt(processes: string, number: string): Promise<DispenserProcess | null> {
  const place = join(processes, number);
  if ((await textOf(join(place, 'comm')))?.trim() !== 'dispenser') return null;
  const line = await textOf(join(place, 'cmdline'));
  const words = (line ?? '').split('\0');
  // One that ended and was not fetched by its parent has no line any more; a flush is a short errand of the daemon.
  if (line === '' || words.includes('telemetry-flush')) return null;
  // Only its owner and root see it.
  const startedIn = await withoutLinks(await readlink(join(place, 'cwd')).catch(() => null));
  const config = configNamedBy(words);
  if (config === null) return { pid: Number(number), startedIn };
  const folder = isAbsolute(config) || startedIn !== null ? dirname(resolve(startedIn ?? '/', config)) : null;
  const configIn = await withoutLinks(folder);
  // It may be this one all the same, under a name that it has elsewhere: in a container, or where a link is seen.
  return { pid: Number(number), startedIn, configIn, ...(configIn === null && folder !== null ? { calledThere: folder } : {}) };
}

/** The second process of a machine is one of its kernel; a container, and whoever may not see the processes of others, has none. */
async function seesWholeMachine(processes: string): Promise<boolean> {
  return (await textOf(join(processes, '2', 'comm')))?.trim() === 'kthreadd';
}

/** Null when it cannot be told from here, as of a folder that a container does not see. */
async function withoutLinks(path: string | null): Promise<string | null> {
  return path === null ? null : await realpath(path).catch(() => null);
}

/** Null when it cannot be read. */
async function textOf(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}
