import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import { outputOf } from './processes.ts';

/** What a load found out. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Of all answers, in milliseconds. */
  readonly p99Ms: number;
  /** Answers that were not 200, and connections that failed. */
  readonly failures: number;
}

interface Aim extends Pick<Case, 'protocol' | 'path' | 'connections' | 'isFresh'> {
  readonly port: number;
  readonly host: string;
  readonly seconds: number;
  /** For what the tool writes. */
  readonly folder: string;
}

/** Asks as fast as answers come, by wrk or, for HTTP/2, by h2load. */
export async function load(aim: Aim): Promise<Load> {
  return aim.protocol === 'h2' ? await byH2load(aim) : await byWrk(aim);
}

async function byWrk({ protocol, path, connections, isFresh = false, port, host, seconds }: Aim): Promise<Load> {
  const scheme = protocol === 'tls' ? 'https' : 'http';
  const headers = ['-H', `Host: ${host}`, ...(isFresh ? ['-H', 'Connection: close'] : [])];
  const url = `${scheme}://localhost:${port}${path}`;
  const output = await outputOf('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', ...headers, url]);
  const [, requests = '', took = ''] = /(\d+) requests in ([\d.]+)s/.exec(output ?? '') ?? [];
  if (output === null || requests === '') throw new Error(`wrk did not say how many requests were answered: ${output}`);
  const [, ...errors] = /connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? [];
  const [, refused = '0'] = /Non-2xx or 3xx responses: (\d+)/.exec(output) ?? [];
  const [connect = 0, read = 0, write = 0, timeout = 0] = errors.map(Number);
  // An answer after which the connection ends, as it was asked to, is a failed read to wrk.
  const failures = connect + (isFresh ? 0 : read) + write + timeout + Number(refused);
  return { requests: Number(requests), seconds: Number(took), p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(output)), failures };
}

function milliseconds(match: RegExpExecArray | null): number {
  const [, value = 'NaN', unit = ''] = match ?? [];
  return Number(value) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? Number.NaN);
}

async function byH2load({ path, connections, port, host, seconds, folder }: Aim): Promise<Load> {
  const log = join(folder, 'h2load.log');
  const args = [`-c${connections}`, '-m1', '-t1', `-D${seconds}`, `--log-file=${log}`, '-H', `:authority: ${host}`];
  const output = await outputOf('h2load', [...args, `https://localhost:${port}${path}`]);
  const [, answered = '', ...bad] = /(\d+) succeeded, (\d+) failed, (\d+) errored/.exec(output ?? '') ?? [];
  if (output === null || answered === '') throw new Error(`h2load did not say how many requests were answered: ${output}`);
  const [, ...others] = /2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(output) ?? [];
  const failures = [...bad, ...others].reduce((sum, count) => sum + Number(count), 0);
  const tookUs = (await readFile(log, 'latin1')).split('\n').flatMap((line) => line.split('\t')[2] ?? []);
  await rm(log);
  const sorted = tookUs.map(Number).sort((one, other) => one - other);
  const p99Ms = (sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN) / 1_000;
  return { requests: Number(answered), seconds, p99Ms, failures };
}
