import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { DeployProgressed } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { replace } from '../e2e/harness/configuration.ts';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { watchWorkloads } from './harness/containers.ts';
import { instancesOf, scale } from './harness/instances.ts';
import { createRollingJob } from './harness/rolling-job.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, seed, someOf, turnOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';

/** Enough that both watchers have some. */
const names = ['shared-one', 'shared-two', 'shared-three', 'shared-four'] as const;
const intervalSeconds = 2;
const countedSeconds = isLong ? 60 : 10;
/** A watcher is missed after 8 s at most, and what it had is looked at at once. */
const takeOverWithinMs = 10_000;
/** Of the job. */
const betweenInstantsMs = 3_000;

const told = someOf(['images', 'instants', 'secrets', 'pushes'], 2);

describe(`two watchers, two schedulers, two secrets (KEDGE_TEST_SEED=${seed})`, turnOf('two watchers, two schedulers, two secrets'), () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let services: readonly RollingService[];

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    await replace(join(facts.configFolder, 'dispenser.vars'), 'chaos_password = "correct horse"\n');
    const env = { DB: '${chaos_password}' };
    services = await Promise.all(names.map(async (name) => await createRollingService({ facts, spy, name, env })));
    for (const service of services) await service.declare();
    for (const service of services) await service.arrived();
    await scale(facts, { watcher: 2, scheduler: 2, secrets: 2 });
  });
  after(async () => {
    for (const service of services) await service.undeclare();
    await scale(facts, { watcher: 1, scheduler: 1, secrets: 1 });
    await spy.close();
    await bus.close();
  });

  /** How often the registry was asked for the tag of each image in this time. */
  async function asked(since: Date, until: Date): Promise<ReadonlyMap<string, number>> {
    const log = await compose(facts, [
      'logs',
      '--no-log-prefix',
      '--since',
      since.toISOString(),
      '--until',
      until.toISOString(),
      'registry',
    ]);
    const counts = new Map<string, number>(names.map((name) => [name, 0]));
    for (const [, name = ''] of log.matchAll(/"HEAD \/v2\/(shared-[^/]+)\/manifests\/latest /g))
      counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  it('ask for each image once in an interval', told('images'), async (test) => {
    const since = new Date();
    await timer(countedSeconds * 1_000); // what is asked meanwhile is counted
    const counts = await asked(since, new Date());
    test.diagnostic(`in ${countedSeconds} s, every ${intervalSeconds} s: ${JSON.stringify(Object.fromEntries(counts))}`);
    // The interval varies by 10 %, and one may lie on each edge.
    const most = Math.ceil(countedSeconds / (intervalSeconds * 0.9)) + 1;
    const least = Math.floor(countedSeconds / (intervalSeconds * 1.1)) - 1;
    for (const name of names) {
      const count = counts.get(name) ?? 0;
      assert.ok(count <= most, `${name} was asked for ${count} times, at most ${most}`);
      assert.ok(count >= least, `${name} was asked for ${count} times, at least ${least}`);
    }
  });

  it('run each instant once, also when one scheduler is lost', told('instants'), async (test) => {
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const job = await createRollingJob(facts, bus, 'shared-job');
    await job.declare();
    test.after(async () => await job.undeclare());
    await job.arrived();
    const [victim = ''] = await instancesOf(facts, 'scheduler');
    // After this command the engine does not start it again.
    await run('docker', ['kill', victim]);
    test.after(async () => await run('docker', ['start', victim]));
    const lostAt = new Date();
    const isRun = async () => (await bus.recent({ since: lostAt, subjects: ['job.started'] })).some(({ subject }) => subject === job.name);
    await waitUntil(isRun, { timeoutMs: takeOverWithinMs + betweenInstantsMs, what: 'the other scheduler runs the job' });
    test.diagnostic(`run after ${Date.now() - lostAt.getTime()} ms`);
    await job.goesOn();
    await job.undeclare();
    test.diagnostic(JSON.stringify(await job.assertEachOnce(workloads.of(job.name, 'start'))));
  });

  it('answer for one another when one of secrets is lost', told('secrets'), async (test) => {
    const [victim = ''] = await instancesOf(facts, 'secrets');
    const [first, second] = services as readonly [RollingService, RollingService];
    await first.prepare();
    await run('docker', ['kill', victim]);
    test.after(async () => await run('docker', ['start', victim]));
    const lostAt = new Date();
    await first.release();
    const hasStarted = async () => {
      const said = await bus.recent({ since: lostAt, subjects: ['deploy.progressed'] });
      return said.some(({ subject, data }) => subject === first.name && DeployProgressed.parse(data).step === 'starting');
    };
    await waitUntil(hasStarted, { timeoutMs: takeOverWithinMs, what: 'the other one tells what the new container is given' });
    test.diagnostic(`started after ${Date.now() - lostAt.getTime()} ms`);
    await first.arrived();
    await second.prepare();
    await second.release();
    await second.arrived();
  });

  it('see every pushed image when one watcher is lost', told('pushes'), async (test) => {
    for (const service of services) await service.prepare();
    const [victim = ''] = await instancesOf(facts, 'watcher');
    await run('docker', ['kill', victim]);
    test.after(async () => await run('docker', ['start', victim]));
    const lostAt = performance.now();
    const since = new Date();
    for (const service of services) await service.releaseUnseen();
    const seen = await Promise.all(
      services.map(async ({ name }) => {
        await waitUntil(async () => (await bus.recent({ since, subjects: ['deploy.started'] })).some(({ subject }) => subject === name), {
          timeoutMs: takeOverWithinMs,
          what: `the other watcher sees what was pushed to ${name}`,
        });
        return `${name} ${Math.round(performance.now() - lostAt)} ms`;
      }),
    );
    test.diagnostic(`seen after ${seen.join(', ')}`);
    for (const service of services) await service.arrived();
  });
});
