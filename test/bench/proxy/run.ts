import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Candidate } from './candidate.ts';
import { caddy, caddyWithLog } from './candidates/caddy.ts';
import { go } from './candidates/go.ts';
import { kedge, kedgeWithoutLog } from './candidates/kedge.ts';
import { nginx, nginxWithLog } from './candidates/nginx.ts';
import { cases } from './cases.ts';
import { certificateFiles } from './certificate-files.ts';
import { measure } from './measure.ts';
import { outputOf } from './processes.ts';
import { type Measurement, summarise } from './ratios.ts';
import { tableOf } from './table.ts';

/**
 * What a request costs in Kedge's proxy and in others, side by side: the same load for one candidate after the other, round after round.
 * Costs are processor time of the candidate alone, which says more on a machine that does other things too than how many requests fit into
 * a second. Prints a table and writes it to `test/bench/results`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    case: { type: 'string', multiple: true, default: [] },
    candidate: { type: 'string', multiple: true, default: [] },
  },
});
const isAsked = (name: string, asked: readonly string[]) =>
  asked.length === 0 || asked.some((part) => name.toLowerCase().startsWith(part.toLowerCase()));

const results = fileURLToPath(new URL('../results/', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
const { candidates, versions } = await installed();
for (const tool of ['wrk', 'h2load']) if ((await outputOf('which', [tool])) === null) throw new Error(`${tool} is not installed`);

const upstream = spawn(process.execPath, [fileURLToPath(new URL('./upstream.ts', import.meta.url))], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = (await once(createInterface(upstream.stdout), 'line')) as [string];
const shared = { upstream: Number(port), folder, ...(await certificateFiles(folder)) };
const measured: Measurement[] = [];
try {
  for (const one of cases.filter(({ name }) => isAsked(name, values.case))) {
    await measure({
      one,
      candidates,
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      shared,
      onMeasured(measurement) {
        measured.push(measurement);
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${one.name}: ${measurement.candidate}, round ${measurement.round}`);
      },
    });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    console.log(tableOf(summarise(measured, kedge.name).filter((summary) => summary.case === one.name)));
  }
} finally {
  upstream.kill();
  await rm(folder, { recursive: true, force: true });
}

const table = tableOf(summarise(measured, kedge.name));
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}`;
const isWhole = values.case.length + values.candidate.length === 0;
if (isWhole) {
  await mkdir(results, { recursive: true });
  const intro = `${new Date().toISOString().slice(0, 10)}, ${machine}; ${values.rounds} rounds of ${values.seconds} s.\n${versions.join(' · ')}`;
  await writeFile(join(results, 'proxy.md'), `# What a request costs in a proxy\n\n${intro}\n\n${table}\n`);
}

/** Those that are there; of others it is said that they are not. */
async function installed(): Promise<{ readonly candidates: readonly Candidate[]; readonly versions: readonly string[] }> {
  const wanted = [kedge, kedgeWithoutLog, nginx, nginxWithLog, caddy, caddyWithLog, go].filter(({ name }) =>
    isAsked(name, values.candidate),
  );
  const known = await Promise.all(wanted.map(async (candidate) => ({ candidate, version: await candidate.version() })));
  for (const { candidate, version } of known) if (version === null) console.log(`${candidate.name} is not installed, and left out`);
  const there = known.filter(({ version }) => version !== null);
  return {
    candidates: there.map(({ candidate }) => candidate),
    versions: there.map(({ candidate, version }) => `${candidate.name} ${version}`),
  };
}
