import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { waitUntil } from '@kedge/shared/testing';

const execute = promisify(execFile);

/** What a command prints, on both of its outputs; null when it cannot be run, or fails. */
export async function outputOf(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string | null> {
  try {
    const { stdout, stderr } = await execute(command, args, { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 ** 2 });
    return stdout + stderr;
  } catch {
    return null;
  }
}

interface Surroundings {
  readonly environment?: NodeJS.ProcessEnv;
  /** File for what it prints. */
  readonly log?: string;
}

/** Runs a command until it is killed. */
export function run(command: string, args: readonly string[], { environment = {}, log = '/dev/null' }: Surroundings = {}): ChildProcess {
  const file = openSync(log, 'a');
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', file, file] });
  closeSync(file);
  child.on('error', () => undefined);
  return child;
}

/** Ends a process, by force when it does not end by itself. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a server of TCP has a port');
  return address.port;
}

/** Resolves when somebody listens there. */
export async function untilOpen(port: number): Promise<void> {
  const isOpen = async () =>
    await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => socket.destroy());
      socket.once('connect', () => socket.destroy());
    });
  await waitUntil(isOpen, { timeoutMs: 60_000 });
}

/** What a process and its children have used: processor seconds, in the program and in the kernel, and resident memory in MiB. */
export async function usageOf(pid: number): Promise<{ readonly cpuSeconds: number; readonly residentMib: number }> {
  const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(async (name) => await statOf(name)));
  const wanted = new Set([pid]);
  // Children have higher numbers than their parents, unless the numbers went round: then another look finds them.
  for (let before = 0; before < wanted.size; ) {
    before = wanted.size;
    for (const stat of all) if (stat && wanted.has(stat.parent)) wanted.add(stat.pid);
  }
  const own = all.flatMap((stat) => (stat && wanted.has(stat.pid) ? [stat] : []));
  const sum = (value: (stat: (typeof own)[number]) => number) => own.reduce((total, stat) => total + value(stat), 0);
  return { cpuSeconds: sum(({ ticks }) => ticks) / ticksPerSecond, residentMib: (sum(({ pages }) => pages) * pageBytes) / 1024 ** 2 };
}

/** `USER_HZ` of Linux, on all machines. */
const ticksPerSecond = 100;
const pageBytes = 4_096;

/** Fields as in proc_pid_stat(5). */
async function statOf(pid: string) {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system, pages] = [fields[1], fields[11], fields[12], fields[21]].map(Number);
  return { pid: Number(pid), parent: parent ?? 0, ticks: (user ?? 0) + (system ?? 0), pages: pages ?? 0 };
}
