import { run } from '../../e2e/harness/shell.ts';
import type { PrivateEngine } from './private-engine.ts';

interface StoppedContainer {
  readonly id: string;
  readonly name: string;
  /** Its restart policy before. */
  readonly restart: string;
}

/** A machine that had its power cut, and whose engine is back, with nothing running. */
export interface DarkMachine {
  /** What ran before. */
  readonly containers: readonly StoppedContainer[];
  /** Starts those that are meant; who runs already runs on. */
  start(isMeant: (container: StoppedContainer) => boolean): Promise<void>;
  /** From here on the engine keeps them running as it did. */
  restore(): Promise<void>;
}

/** Cuts the power and starts the engine again, but lets no container come back by itself. */
export async function cutPower(engine: PrivateEngine): Promise<DarkMachine> {
  const { stdout: ids } = await run('docker', ['ps', '-q', '--no-trunc']);
  const format = '{{.Id}} {{.Name}} {{.HostConfig.RestartPolicy.Name}}';
  const { stdout } = await run('docker', ['inspect', '--format', format, ...lines(ids)]);
  const containers = lines(stdout).map((line) => {
    const [id = '', name = '', restart = ''] = line.split(' ');
    return { id, name: name.slice(1), restart };
  });
  await run('docker', ['update', '--restart=no', ...lines(ids)]);
  await engine.losePower();
  await engine.start();
  return {
    containers,
    async start(isMeant) {
      for (const { id } of containers.filter(isMeant)) await run('docker', ['start', id]);
    },
    async restore() {
      for (const { id, restart } of containers) await run('docker', ['update', `--restart=${restart}`, id]);
    },
  };
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
