import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A command line that runs as a process of its own. */
export interface RunningProcess {
  /** Standard output so far. */
  out(): string;
  err(): string;
  interrupt(): void;
  /** Closes the reading end of its standard output, as `| head -1` does. */
  stopReading(): void;
  /** Resolves to the exit code once everything that it said has been read. */
  readonly ended: Promise<number | null>;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Runs `kedge` with nothing of this process's environment but the path. */
export function startKedge(words: readonly string[], environment: Readonly<Record<string, string>>): RunningProcess {
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk.toString();
  });
  return {
    out: () => said.out,
    err: () => said.err,
    interrupt: () => void child.kill('SIGINT'),
    stopReading: () => void child.stdout.destroy(),
    ended: once(child, 'close').then(([code]: (number | null)[]) => code ?? null),
  };
}
