import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from './wait-until.ts';

/** A component as a process of its own, with what it logged so far. */
export interface ComponentProcess {
  /** Everything that it wrote to standard output and standard error. */
  readonly output: () => string;
  /** Status and body of a path of its health server. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: string }>;
  readonly send: (signal: NodeJS.Signals) => void;
  /** Sends the signal (default SIGTERM) and resolves to the exit code; null when the signal ended it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

interface ProcessOptions {
  readonly main: URL;
  readonly environment: Readonly<Record<string, string>>;
  /** Waits until the health server listens, or until every part is ready (default). */
  readonly until?: 'listening' | 'ready';
}

/** Runs the `main.ts` of a component with nothing but these settings. Rejects with what it said when it ends before. */
export async function startComponentProcess({ main, environment, until = 'ready' }: ProcessOptions): Promise<ComponentProcess> {
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    env: { PATH: process.env.PATH, KEDGE_HEALTH_PORT: '0', KEDGE_LOG_LEVEL: 'trace', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  const get = async (path: string) => {
    const port = /"healthPort":(\d+)/.exec(output)?.[1];
    if (port === undefined) throw new Error('it does not listen yet');
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!hasEnded()) child.kill(signal);
    await ended;
    return child.exitCode;
  };

  const path = until === 'ready' ? '/readyz' : '/healthz';
  const begun = await waitUntil(async () => hasEnded() || (await get(path)).status === 200, { timeoutMs: 20_000, what: path }).catch(
    () => false,
  );
  if (!begun || hasEnded()) {
    await stop('SIGKILL');
    throw new Error(`the component did not start; it said: ${output}`);
  }
  return { output: () => output, get, send: (signal) => void child.kill(signal), stop };
}
