import type { Component } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { run } from '../../e2e/harness/shell.ts';
import { compose, type StackFacts } from '../../e2e/harness/stack.ts';

/** The containers of a component, oldest first. */
export async function instancesOf(facts: StackFacts, component: Component): Promise<readonly string[]> {
  const ids = (await compose(facts, ['ps', '-q', '--no-trunc', component])).split('\n').filter((id) => id !== '');
  const { stdout } = await run('docker', ['inspect', '--format', '{{.Created}} {{.Id}}', ...ids]);
  return stdout
    .trim()
    .split('\n')
    .toSorted()
    .map((line) => line.split(' ')[1] ?? '');
}

/** Changes how many instances of some components there are; the others stay as they are. */
export async function scale(facts: StackFacts, counts: Partial<Record<Component, number>>): Promise<void> {
  const scales = Object.entries(counts).flatMap(([component, count]) => ['--scale', `${component}=${count}`]);
  await compose(facts, ['up', '-d', '--wait', '--no-recreate', ...scales]);
}

/**
 * SIGKILL to the process of an instance, as when memory runs out: unlike after `docker kill`, the engine starts it again. Resolves when it
 * did.
 */
export async function crash(instance: string): Promise<void> {
  const pid = await pidOf(instance);
  // The process that says so may be gone with it.
  await run('docker', ['exec', instance, 'sh', '-c', `kill -9 ${pid}`], { accept: [0, 137] });
  await waitUntil(async () => !['0', pid].includes(await pidOf(instance)), { timeoutMs: 60_000, what: 'the engine starts it again' });
}

async function pidOf(instance: string): Promise<string> {
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Pid}}', instance]);
  return stdout.trim();
}
