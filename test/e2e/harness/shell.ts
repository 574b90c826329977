import { spawn } from 'node:child_process';
import { root } from '../../architecture/sources.ts';

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the command has the environment of this process too. Default true. */
  readonly inherit?: boolean;
  readonly cwd?: string;
  /** The exit codes that are fine. Default only 0. */
  readonly accept?: readonly number[];
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; rejects with everything it printed when the exit code is not an accepted one. */
export async function run(
  command: string,
  args: readonly string[],
  { env = {}, inherit = true, cwd = root, accept = [0] }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(command, args, { cwd, env: { ...(inherit ? process.env : {}), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve(exit ?? -1));
  });
  if (!accept.includes(code)) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return { code, stdout, stderr };
}
