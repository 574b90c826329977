import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitUntil } from '@kedge/shared/testing';

/** The component as a process of its own, with what it logged so far. */
export interface RunningComponent {
  /** Everything that it wrote to standard output and standard error. */
  readonly output: () => string;
  /** Text of a path of its health server; rejects before the component is up. */
  readonly get: (path: string) => Promise<string>;
  /** Sends the signal and resolves to the exit code (null when the signal ended it). */
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Runs `main.ts` of this component with these settings until `/readyz` says yes. */
export async function startComponent(environment: Readonly<Record<string, string>>): Promise<RunningComponent> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts')], {
    env: { PATH: process.env.PATH, KEDGE_HEALTH_PORT: '0', KEDGE_LOG_LEVEL: 'trace', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit');

  const get = async (path: string) => {
    const port = /"healthPort":(\d+)/.exec(output)?.[1];
    if (port === undefined) throw new Error(`not up yet: ${output}`);
    return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  };
  const component: RunningComponent = {
    output: () => output,
    get,
    async stop(signal) {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
  try {
    await waitUntil(async () => (await get('/readyz')).includes('"ok":true'), { what: `the component` });
  } catch (thrown) {
    await component.stop('SIGKILL');
    throw new Error(`the component did not become ready; it said: ${output}`, { cause: thrown });
  }
  return component;
}
