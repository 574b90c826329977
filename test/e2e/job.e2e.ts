import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { JobFinished } from '@kedge/shared/contracts';
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

  it('runs every two seconds, each instant once, and its output is kept', async (test) => {
    const events = record(bus);
    await push(facts, { repository: name, version: 'v1', entry: 'job.js' });
    await declare(facts, { [name]: serviceText({ name, image: reference(facts, name), restart: 'no', cron: '*/2 * * * * *' }) });
    const instants = () => events.of('job.finished', name).map(({ data }) => JobFinished.parse(data).instant);
    await waitUntil(() => instants().length >= 10, { timeoutMs: 90_000, what: 'ten runs' });

    const seen = instants();
    assert.equal(new Set(seen).size, seen.length, 'each instant once');
    const first = Date.parse(seen.at(0) ?? '');
    const last = Date.parse(seen.at(-1) ?? '');
    const skipped = events.of('job.skipped', name).length;
    assert.equal((last - first) / 2_000 + 1, seen.length + skipped, 'no instant was left out without a word');
    test.diagnostic(`${seen.length} runs, ${skipped} skipped`);
    assert.equal(skipped, 0);
    for (const { data } of events.of('job.finished', name)) assert.equal(JobFinished.parse(data).exitCode, 0);

    const logs = await kedge(facts, ['logs', name]);
    assert.ok((logs.match(/run at \d{4}-/g) ?? []).length >= 5, logs);
  });
});
