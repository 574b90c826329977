import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntil } from '@kedge/shared/testing';

/** The proxy as a process of its own, with what its log says about ports. */
export interface ProxyProcess {
  readonly port: number;
  readonly healthPort: number;
  /** What it logged so far. */
  output(): string;
  /** Sends the signal and resolves to the exit code when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Starts it and resolves when it listens: on free ports of the loopback interface, if the environment does not say otherwise. */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<ProxyProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: { PATH: process.env.PATH, KEDGE_HEALTH_PORT: '0', KEDGE_HTTP_HOST: '127.0.0.1', KEDGE_HTTP_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let port = 0;
  let healthPort = 0;
  let output = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`;
    const said = JSON.parse(line) as { readonly msg?: string; readonly port?: number; readonly healthPort?: number };
    if (said.msg === 'listening') port = said.port ?? 0;
    if (said.msg === 'started') healthPort = said.healthPort ?? 0;
  });
  await waitUntil(() => port > 0 && healthPort > 0, { timeoutMs: 60_000 });
  return { port, healthPort, output: () => output, end: async (signal) => await end(child, signal) };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
  return child.exitCode;
}
