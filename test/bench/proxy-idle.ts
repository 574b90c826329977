import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Candidate, Task } from './proxy/candidate.ts';
import { caddy } from './proxy/candidates/caddy.ts';
import { go } from './proxy/candidates/go.ts';
import { kedge } from './proxy/candidates/kedge.ts';
import { nginx } from './proxy/candidates/nginx.ts';
import { bareNode } from './proxy/candidates/node.ts';
import { certificateFiles } from './proxy/certificate-files.ts';
import { end, freePort, untilOpen, usageOf } from './proxy/processes.ts';
import { alignedTable } from './proxy/table.ts';

/**
 * What a connection costs that nobody uses at the moment: resident memory of Kedge's proxy and of others, before and after so many clients
 * had one answer each and stay. Prints a table and writes it to `test/bench/results`.
 */
const { values } = parseArgs({ options: { connections: { type: 'string', default: '10000' } } });
const count = Number(values.connections);
const script = (name: string) => fileURLToPath(new URL(`./proxy/${name}.ts`, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
const upstream = spawn(process.execPath, [script('upstream')], { stdio: ['ignore', 'pipe', 'inherit'] });
const [port] = (await once(createInterface(upstream.stdout), 'line')) as [string];
const shared = { upstream: Number(port), hosts: ['localhost'], ...(await certificateFiles(folder)) };
const rows: string[][] = [];
try {
  for (const candidate of [kedge, bareNode, nginx, caddy, go]) {
    const version = await candidate.version();
    if (version === null) console.log(`${candidate.name} is not installed, and left out`);
    else rows.push([`${candidate.name} ${version}`, ...(await costsOf(candidate))]);
  }
} finally {
  upstream.kill();
  await rm(folder, { recursive: true, force: true });
}
const table = alignedTable(['proxy', 'plain KB each', 'TLS KB each'], rows);
const text = `# What an idle connection costs\n\n${new Date().toISOString().slice(0, 10)}; ${count.toLocaleString('en')} connections, one answer on each.\n\n${table}\n`;
await mkdir(new URL('results/', import.meta.url), { recursive: true });
await writeFile(new URL('results/proxy-idle.md', import.meta.url), text);
console.log(table);

/** KB of resident memory for a connection without and with TLS, each in a process that has just begun. */
async function costsOf(candidate: Candidate): Promise<string[]> {
  const costs: string[] = [];
  for (const protocol of ['plain', 'tls'] as const) {
    const own = join(folder, `${candidate.name.replaceAll(/\W+/g, '-')}-${protocol}`);
    await mkdir(own);
    const task: Task = { ...shared, folder: own, plainPort: await freePort(), tlsPort: await freePort() };
    const child = await candidate.start(task);
    try {
      await Promise.all([untilOpen(task.plainPort), untilOpen(task.tlsPort)]);
      costs.push((await costOf(child, { protocol, port: protocol === 'tls' ? task.tlsPort : task.plainPort })).toFixed(1));
    } finally {
      await end(child);
    }
  }
  return costs;
}

async function costOf(child: ChildProcess, { protocol, port }: { readonly protocol: 'plain' | 'tls'; readonly port: number }) {
  const pid = child.pid ?? 0;
  // What the first ones bring with them is not counted.
  const few = await idleClients({ protocol, port, count: 500 });
  await end(few);
  const { residentMib: before } = await usageOf(pid);
  const clients = await idleClients({ protocol, port, count });
  const { residentMib: after } = await usageOf(pid);
  await end(clients);
  return ((after - before) * 1_024) / count;
}

async function idleClients({ protocol, port, count }: { readonly protocol: string; readonly port: number; readonly count: number }) {
  const clients = spawn(process.execPath, [script('idle-clients'), protocol, String(port), String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(clients.stdout);
  const [line] = (await Promise.race([once(lines, 'line'), once(clients, 'exit')])) as [unknown];
  if (line !== 'open') throw new Error(`${count} connections could not be opened`);
  return clients;
}
