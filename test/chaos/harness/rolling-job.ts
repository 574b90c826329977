import assert from 'node:assert/strict';
import type { Bus } from '@kedge/shared/bus';
import { JobFinished, JobSkipped, JobStarted, mostMissedCounted } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from '../../e2e/harness/configuration.ts';
import { reference } from '../../e2e/harness/images.ts';
import { serviceText } from '../../e2e/harness/service-text.ts';
import { run } from '../../e2e/harness/shell.ts';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import { containersOf, type Deed } from './containers.ts';
import { lookNow, prepareVersion, release } from './releases.ts';

const everySeconds = 3;
const everyMs = everySeconds * 1_000;
const entry = 'job.js';

/** A job that runs every three seconds, and of which there is always one more version. */
export interface RollingJob {
  readonly name: string;
  declare(): Promise<void>;
  undeclare(): Promise<void>;
  prepare(): Promise<void>;
  release(): Promise<void>;
  /** Waits until the wanted version ran twice and nothing else of the job is left. */
  arrived(): Promise<void>;
  /** Waits until it ran twice more from now on. */
  goesOn(): Promise<void>;
  /** Every instant was run or skipped with a word, none twice; the engine started nothing else. Returns how many ran and how many not. */
  assertEachOnce(starts: readonly Deed[]): Promise<{ readonly ran: number; readonly skipped: number }>;
}

export async function createRollingJob(facts: StackFacts, bus: Bus, name: string): Promise<RollingJob> {
  const since = new Date();
  let current = 0;
  let prepared = 0;
  let countFrom = since;
  await prepareVersion(facts, { repository: name, entry }, 'r0');
  await release(facts, name, 'r0');

  async function instants() {
    const said = await bus.recent({ since, subjects: ['job.started', 'job.finished', 'job.skipped'] });
    const ours = said.filter(({ subject }) => subject === name);
    const of = (type: string) => ours.filter((event) => event.type === type).map(({ data }) => data);
    return {
      started: of('job.started.v1').map((data) => JobStarted.parse(data)),
      finished: of('job.finished.v1').map((data) => JobFinished.parse(data)),
      skipped: of('job.skipped.v1').map((data) => JobSkipped.parse(data)),
    };
  }

  async function assertArrived(): Promise<void> {
    const containers = await containersOf(facts, name);
    assert.deepEqual(
      containers.map((container) => container.name),
      [name],
    );
    assert.match(containers[0]?.state ?? '', /^(exited|running)$/);
    const id = containers[0]?.id ?? '';
    const { stdout } = await run('docker', ['inspect', '--format', '{{json .Config.Env}}', id]);
    assert.ok(stdout.includes(`"VERSION=r${current}"`), stdout);
    const { started, finished } = await instants();
    const later = started.filter(({ container, instant }) => container === id && Date.parse(instant) > countFrom.getTime());
    assert.ok(later.filter(({ instant }) => finished.some((run) => run.instant === instant)).length >= 2, 'two runs of this version');
  }

  async function arrived(): Promise<void> {
    const hasArrived = async () => {
      await assertArrived();
      return true;
    };
    await waitUntil(hasArrived, { timeoutMs: 90_000, what: `${name} r${current} runs, and nothing else is left` });
  }

  return {
    name,
    async declare() {
      const text = serviceText({ name, image: reference(facts, name), restart: 'no', cron: `*/${everySeconds} * * * * *` });
      await declare(facts, { [name]: text });
    },
    undeclare: async () => await undeclare(facts, [name]),
    async prepare() {
      prepared = current + 1;
      await prepareVersion(facts, { repository: name, entry }, `r${prepared}`);
    },
    async release() {
      current = prepared;
      await release(facts, name, `r${current}`);
      countFrom = new Date();
      await lookNow(facts, name);
    },
    arrived,
    async goesOn() {
      countFrom = new Date();
      await arrived();
    },
    async assertEachOnce(starts) {
      const { started, finished, skipped } = await instants();
      const words = [...finished, ...skipped].map(({ instant }) => Date.parse(instant));
      const notRun = skipped.flatMap((word) => toldBy(word, words));
      const ended = [...finished.map(({ instant }) => Date.parse(instant)), ...notRun].toSorted((one, other) => one - other);
      assert.equal(new Set(ended).size, ended.length, 'each instant ended once');
      assert.equal(new Set(started.map(({ instant }) => instant)).size, started.length, 'each instant began once');
      const [first = 0, last = 0] = [ended.at(0), ended.at(-1)];
      const expected = Array.from({ length: (last - first) / everyMs + 1 }, (_, index) => first + index * everyMs);
      const untold = expected.filter((instant) => !ended.includes(instant)).map((instant) => new Date(instant).toISOString());
      assert.deepEqual(untold, [], 'no instant was left out without a word');
      assert.equal(ended.length, expected.length, 'and nothing but instants of the schedule ended');
      assert.equal(starts.length, started.length, 'the engine started one container for each run');
      assert.deepEqual(
        finished.map(({ exitCode }) => exitCode).filter((code) => code !== 0),
        [],
      );
      return { ran: finished.length, skipped: notRun.length };
    },
  };
}

/** The instants that were not run, in milliseconds: one word may tell of several in a row, by the last; of very many it says "or more". */
function toldBy({ instant, missed = 1 }: JobSkipped, words: readonly number[]): readonly number[] {
  const last = Date.parse(instant);
  const before = Math.max(...words.filter((each) => each < last));
  const count = missed >= mostMissedCounted && Number.isFinite(before) ? (last - before) / everyMs : missed;
  return Array.from({ length: count }, (_, back) => last - back * everyMs);
}
