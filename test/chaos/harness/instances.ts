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

/**
 * Asked for before the process of a component's only instance dies; each call of what it resolves to waits for the end of the process and
 * starts the next one at once. The engine would wait before that, twice as long after each death that comes soon after a start, up to a
 * minute; that it does start what died is seen in the groups that kill by `crash`. `docker start` does nothing for a container that the
 * engine is about to start; `docker restart` starts it, and the engine counts deaths from nought again.
 */
export async function revivalOf(facts: StackFacts, component: Component): Promise<() => Promise<void>> {
  const [instance = ''] = await instancesOf(facts, component);
  let pid = await pidOf(instance);
  return async () => {
    const what = `the process ${pid} of ${component} ends`;
    await waitUntil(async () => (await pidOf(instance)) !== pid, { timeoutMs: 60_000, what });
    // Where the engine was quicker it runs already.
    if ((await pidOf(instance)) === '0') await run('docker', ['restart', '-t', '0', instance]);
    pid = await pidOf(instance);
  };
}

/** Nothing of a component goes on while `work` is done. */
export async function frozenWhile(facts: StackFacts, component: Component, work: () => Promise<void>): Promise<void> {
  const instances = await instancesOf(facts, component);
  await run('docker', ['pause', ...instances]);
  try {
    await work();
  } finally {
    await run('docker', ['unpause', ...instances]);
  }
}

async function pidOf(instance: string): Promise<string> {
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Pid}}', instance]);
  return stdout.trim();
}
