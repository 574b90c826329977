import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { type Component, components } from '@kedge/shared/contracts';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { instancesOf } from './harness/instances.ts';
import { speakOfLater } from './harness/later-version.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { buildPrevious, previousTag } from './harness/previous-images.ts';
import { createRollingJob } from './harness/rolling-job.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, sample, seed, turnOf } from './harness/sample.ts';
import { skipOrFail } from './harness/skip-or-fail.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

/** While the stack is updated, some components are of the version before: any one of them alone, or all but one. */
const mixtures: readonly (readonly Component[])[] = [
  ...components.map((component) => [component]),
  ...components.map((component) => components.filter((other) => other !== component)),
];

describe(
  `components of the commit before beside today's (KEDGE_TEST_SEED=${seed})`,
  turnOf("components of the commit before beside today's"),
  () => {
    let facts: StackFacts;
    let bus: Bus;
    let spy: Spy;
    let web: RollingService;
    let commit: string | null;

    before(async () => {
      facts = theStack();
      commit = await buildPrevious();
      bus = await joinBus(facts, 'hooks');
      spy = await startSpy(facts);
      web = await createRollingService({ facts, spy, name: 'skew-web' });
      await web.declare();
      await web.arrived();
    });
    after(async () => {
      await mix(facts, []);
      await web.undeclare();
      await spy.close();
      await bus.close();
    });

    for (const old of sample(mixtures, 1)) {
      it(`roll, and run jobs, together, whatever later versions add: ${old.join(', ')} of before`, async (test) => {
        if (commit === null) return skipOrFail(test, 'there is no commit before this one here');
        test.diagnostic(`the commit before is ${commit}`);
        await mix(facts, old);
        for (const component of components) assert.equal(await tagOf(facts, component), old.includes(component) ? previousTag : currentTag);
        await goOn(test);
      });
    }

    async function goOn(test: TestContext): Promise<void> {
      const since = new Date();
      const job = await createRollingJob(facts, bus, `skew-job-${since.getTime()}`);
      await job.declare();
      test.after(async () => await job.undeclare());
      const later = await speakOfLater(facts, bus);
      test.after(async () => await later.close());
      const finish = holdLoad(test, facts, [web]);
      const rounds = isLong ? 3 : 1;
      for (let round = 0; round < rounds; round += 1) {
        await web.prepare();
        await later.addToStored();
        await later.sayUnknown();
        await web.release();
        await web.arrived();
      }
      await later.addToStored();
      await job.arrived();
      await finish();
      test.diagnostic(await later.assertUnderstood());
      assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), rounds);
    }
  },
);

const currentTag = process.env.KEDGE_TAG ?? 'local';

/** Brings the stack to these components of the version before and all others of today. */
async function mix(facts: StackFacts, old: readonly Component[]): Promise<void> {
  const overlay = join(facts.folder, 'skew.compose.json');
  const services = Object.fromEntries(
    components.map((component) => [component, { image: `kedge/${component}:${old.includes(component) ? previousTag : currentTag}` }]),
  );
  await writeFile(overlay, JSON.stringify({ services }));
  await compose({ ...facts, files: [...facts.files, overlay] }, ['up', '-d', '--wait', '--no-build']);
}

/** The tag of the image that a component runs. */
async function tagOf(facts: StackFacts, component: Component): Promise<string> {
  const [id = ''] = await instancesOf(facts, component);
  const { stdout } = await run('docker', ['inspect', '--format', '{{.Config.Image}}', id]);
  return stdout.trim().split(':').at(-1) ?? '';
}
