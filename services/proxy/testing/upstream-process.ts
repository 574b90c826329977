import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A `load-upstream.ts` that can be killed. */
export interface UpstreamProcess {
  readonly port: number;
  /** SIGKILL; resolves when the kernel has closed all that it had open. */
  kill(): Promise<void>;
}

const program = join(import.meta.dirname, 'load-upstream-main.ts');

export async function startUpstreamProcess(): Promise<UpstreamProcess> {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    port: Number(port),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
