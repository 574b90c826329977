import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitUntil } from '@kedge/shared/testing';

/** The watcher as a process of its own. */
export interface WatcherProcess {
  /** Everything that it wrote. */
  readonly output: () => string;
  /** Status and body of a path of its health server. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: string }>;
  readonly send: (signal: NodeJS.Signals) => void;
  /** Sends the signal and resolves to the exit code; null when the signal ended it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** Starts `main.ts` with these settings and waits until it listens. */
export async function startWatcherProcess(environment: Readonly<Record<string, string>>): Promise<WatcherProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts')], {
    env: { PATH: process.env.PATH, KEDGE_HEALTH_PORT: '0', KEDGE_LOG_LEVEL: 'debug', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit');
  const said = async () => {
    const port = await waitUntil(() => /"healthPort":(\d+)/.exec(output)?.[1] ?? (child.exitCode !== null && 'none'), {
      timeoutMs: 15_000,
      what: 'the health port',
    });
    if (port === 'none') throw new Error('it ended');
    return port;
  };
  const port = await said().catch((thrown: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`the watcher did not start; it said: ${output}`, { cause: thrown });
  });
  return {
    output: () => output,
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, body: await response.text() };
    },
    send: (signal) => void child.kill(signal),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}
