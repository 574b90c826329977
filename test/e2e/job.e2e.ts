import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { JobFinished, JobSkipped, JobStarted, LogsReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from './harness/configuration.ts';
import { record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { serviceText } from './harness/service-text.ts';
import { joinBus, kedge, type StackFacts, theStack } from './harness/stack.ts';

const name = 'every-two-seconds';

describe('a job', () => {
  let facts: StackFacts;
  let bus: Bus;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
  });
  after(async () => {
    await undeclare(facts, [name]);
    await bus.close();
  });

  it('runs every two seconds for twenty, each instant once, and the output of every run is kept', async (test) => {
    const events = record(bus);
    await push(facts, { repository: name, version: 'v1', entry: 'job.js' });
    await declare(facts, { [name]: serviceText({ name, image: reference(facts, name), restart: 'no', cron: '*/2 * * * * *' }) });
    const finished = () => events.of('job.finished', name).map(({ data }) => JobFinished.parse(data));
    const first = await waitUntil(() => finished().at(0), { timeoutMs: 60_000, what: 'the first run' });
    const expected = Array.from({ length: 10 }, (_, index) => new Date(Date.parse(first.instant) + index * 2_000).toISOString());
    const last = expected.at(-1) ?? '';
    const skipped = () => events.of('job.skipped', name).map(({ data }) => JobSkipped.parse(data));
    const until = (those: readonly { readonly instant: string }[]) =>
      those
        .map(({ instant }) => instant)
        .filter((instant) => instant <= last)
        .toSorted();
    await waitUntil(() => until([...finished(), ...skipped()]).length >= expected.length, {
      timeoutMs: 60_000,
      what: 'an end for each instant',
    });

    const ran = until(finished());
    test.diagnostic(`${ran.length} runs, ${skipped().length} skipped`);
    assert.deepEqual(until([...finished(), ...skipped()]), expected, 'each instant once');
    assert.deepEqual(until(events.of('job.started', name).map(({ data }) => JobStarted.parse(data))), ran, 'each run began once');
    // On a machine that takes longer than two seconds for a run, and on no other, an instant falls into the run before it.
    for (const { instant, reason } of skipped()) {
      assert.equal(reason, 'overlap');
      const before = events.of('job.finished', name).findLast(({ data }) => JobFinished.parse(data).instant < instant);
      assert.ok((before?.time ?? '') > instant, `nothing ran at ${instant}`);
    }
    assert.ok(ran.length >= expected.length - 2, `${ran.length} of ${expected.length} ran`);
    for (const { exitCode } of finished()) assert.equal(exitCode, 0);

    const outputs: string[] = [];
    for (const instant of ran) {
      const { sources } = LogsReply.parse(JSON.parse(await kedge(facts, ['logs', name, '--run', instant, '--json'])));
      assert.deepEqual(
        sources.map((source) => [source.name, source.exitCode, source.lines.length]),
        [[`run ${instant}`, 0, 1]],
      );
      outputs.push(...sources.flatMap(({ lines }) => lines));
    }
    for (const output of outputs) assert.match(output, /run at \d{4}-/);
    assert.equal(new Set(outputs).size, ran.length, 'each run kept its own output');
    test.diagnostic(outputs.join('\n'));

    const newest = await kedge(facts, ['logs', name]);
    assert.equal((newest.match(/run at \d{4}-/g) ?? []).length, 5, newest);
  });
});
