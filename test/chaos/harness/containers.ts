import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { run } from '../../e2e/harness/shell.ts';
import type { StackFacts } from '../../e2e/harness/stack.ts';

interface SeenContainer {
  readonly id: string;
  readonly name: string;
  readonly state: string;
}

/** Every container of a service, in whatever state. */
export async function containersOf(facts: StackFacts, service: string): Promise<readonly SeenContainer[]> {
  const filters = [`label=kedge.service=${service}`, `label=kedge.node=${facts.node}`].flatMap((filter) => ['--filter', filter]);
  const { stdout } = await run('docker', ['ps', '-a', '--no-trunc', ...filters, '--format', '{{.ID}} {{.Names}} {{.State}}']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', name = '', state = ''] = line.split(' ');
      return { id, name, state };
    });
}

const EngineEvent = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

/** Something that the engine did to a workload. */
export interface Deed {
  readonly action: string;
  readonly container: string;
  readonly service: string;
  readonly at: Date;
}

const deeds = ['create', 'start', 'kill', 'die', 'stop', 'destroy', 'rename', 'oom', 'pause'];

/** Follows what happens to the workloads of the stack. */
export function watchWorkloads(facts: StackFacts): {
  readonly seen: readonly Deed[];
  of(service: string, action: string): readonly Deed[];
  stop(): void;
} {
  const seen: Deed[] = [];
  const filters = ['type=container', `label=kedge.node=${facts.node}`, ...deeds.map((deed) => `event=${deed}`)];
  const begunAt = new Date();
  // The engine takes whole seconds; what it adds is left out below.
  const since = String(Math.floor(begunAt.getTime() / 1_000));
  const args = ['events', '--since', since, ...filters.flatMap((filter) => ['--filter', filter]), '--format', '{{json .}}'];
  const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { Action, timeNano, Actor } = EngineEvent.parse(JSON.parse(line));
    const service = Actor.Attributes['kedge.service'] ?? '';
    const at = new Date(timeNano / 1e6);
    if (at >= begunAt) seen.push({ action: Action, container: Actor.ID, service, at });
  });
  return {
    seen,
    of: (service, action) => seen.filter((deed) => deed.service === service && deed.action === action),
    stop: () => void child.kill(),
  };
}
