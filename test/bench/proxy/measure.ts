import type { ChildProcess } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candidate, Task } from './candidate.ts';
import type { Case } from './cases.ts';
import { load } from './load.ts';
import { end, freePort, untilOpen, usageOf } from './processes.ts';
import type { Measurement } from './ratios.ts';

/** A candidate that runs. */
interface Runner {
  readonly candidate: string;
  readonly child: ChildProcess;
  readonly task: Task;
}

interface Rounds {
  readonly one: Case;
  readonly candidates: readonly Candidate[];
  readonly rounds: number;
  readonly seconds: number;
  readonly shared: Pick<Task, 'upstream' | 'certificate' | 'key' | 'folder'>;
  onMeasured(measurement: Measurement): void;
}

/** The host that is asked for; certificates are for it. */
const asked = 'localhost';
/** A second of load before anything counts: programs that compile while they run have done so then. */
const warmUpSeconds = 2;

/** Runs one case: all candidates at the same time, of which one at a time has something to do. */
export async function measure({ one, candidates, rounds, seconds, shared, onMeasured }: Rounds): Promise<void> {
  const runners: Runner[] = [];
  try {
    for (const candidate of candidates) runners.push(await start(candidate, { one, shared }));
    for (const runner of runners) await load(aimOf(runner, { one, seconds: warmUpSeconds }));
    for (let round = 1; round <= rounds; round += 1) {
      for (const runner of runners) onMeasured(await measureOnce(runner, { one, round, seconds }));
    }
  } finally {
    await Promise.all(runners.map(async ({ child }) => await end(child)));
    for (const { task } of runners) await rm(task.folder, { recursive: true, force: true });
  }
}

async function start(candidate: Candidate, { one, shared }: Pick<Rounds, 'one' | 'shared'>): Promise<Runner> {
  const folder = join(shared.folder, candidate.name.replaceAll(/\W+/g, '-'));
  await mkdir(folder, { recursive: true });
  const task: Task = { ...shared, folder, hosts: hostsOf(one.routes), plainPort: await freePort(), tlsPort: await freePort() };
  const child = await candidate.start(task);
  await Promise.all([untilOpen(task.plainPort), untilOpen(task.tlsPort)]);
  return { candidate: candidate.name, child, task };
}

async function measureOnce(
  runner: Runner,
  { one, round, seconds }: { readonly one: Case; readonly round: number; readonly seconds: number },
): Promise<Measurement> {
  const pid = runner.child.pid ?? 0;
  const before = await usageOf(pid);
  const { requests, seconds: took, p99Ms, failures } = await load(aimOf(runner, { one, seconds }));
  const after = await usageOf(pid);
  return {
    round,
    case: one.name,
    candidate: runner.candidate,
    requests,
    perSecond: requests / took,
    cpuSecondsPer100k: ((after.cpuSeconds - before.cpuSeconds) / requests) * 100_000,
    p99Ms,
    residentMib: after.residentMib,
    failures,
  };
}

function aimOf({ task }: Runner, { one, seconds }: { readonly one: Case; readonly seconds: number }) {
  return { ...one, host: asked, seconds, folder: task.folder, port: one.protocol === 'plain' ? task.plainPort : task.tlsPort };
}

function hostsOf(count: number): string[] {
  const others = Array.from({ length: count - 1 }, (_, index) => `app${index}.example.com`);
  return others.toSpliced(Math.floor(others.length / 2), 0, asked);
}
