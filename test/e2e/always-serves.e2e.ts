import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ImageUpdated } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { readKeptRollouts } from './harness/kept-rollouts.ts';
import { send, startLoad } from './harness/load.ts';
import { shortOf } from './harness/progress.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { joinBus, type StackFacts, theStack } from './harness/stack.ts';

/** v1 → v2 → v1 this many times, ten seconds a rollout. The longest story: files begin in the order of their names, and this one first. */
const rounds = process.env.KEDGE_TEST_LONG === '1' ? 10 : 5;
const rollouts = rounds * 2;
/** Of each kind at least so many during every single rollout, which takes longer than the slow answer. */
const eachRollout = { 'keep-alive': 100, fresh: 50, post: 50, slow: 1, 'websocket message': 20, event: 20 };
/** An endless stream that says nothing for so long is mute; a container that is frozen while its name moves says nothing for a moment. */
const silenceMs = 10_000;
const name = 'rolling-web';
const host = 'rolling.example';
const gate = ['[[gate]]', 'type = "http"', 'path = "/health"', ''];
/** Long enough for the slow answer; the WebSocket and the stream of events last until the bound. Nobody inside calls this service by name. */
const drain = ['[drain]', 'timeout = "6s"', 'dns_settle = "0s"'];

/** How the time from the push to the first answer was spent, in seconds. */
function splitOf(events: Recording, pushedAt: Date, answeredAt: Date): string {
  const at = (subject: string) => Date.parse(events.of(subject, name).at(-1)?.time ?? '');
  const seen = events.of('image.updated').findLast(({ data }) => ImageUpdated.parse(data).services.some((service) => service === name));
  const moments = [pushedAt.getTime(), Date.parse(seen?.time ?? ''), at('deploy.started'), at('routes.changed'), answeredAt.getTime()];
  const parts = moments.slice(1).map((moment, index) => ((moment - (moments[index] ?? 0)) / 1_000).toFixed(2));
  return `${((answeredAt.getTime() - pushedAt.getTime()) / 1_000).toFixed(2)} = ${parts.join(' + ')}`;
}

describe('push an image, and it serves without one dropped request', () => {
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

  it(`rolls v1 → v2 → v1 ${rounds} times under mixed load with 0 failed`, async (test) => {
    const begunAt = new Date();
    const events = record(bus);
    await push(facts, { repository: name, version: 'v1' });
    const image = reference(facts, name);
    await declare(facts, {
      [name]: serviceText({ name, image, host, more: [...gate, ...drain] }),
    });
    await events.heard('deploy.succeeded', name);
    await waitUntil(async () => (await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false })).body === 'v1', {
      timeoutMs: 20_000,
    });

    const load = startLoad({ port: facts.httpPort, host, versions: ['v1', 'v2'], silenceMs });
    test.after(async () => await load.stop());
    const splits: string[] = [];
    const missing: (readonly string[])[] = [];
    for (let rollout = 1; rollout <= rollouts; rollout += 1) {
      const version = rollout % 2 === 1 ? 'v2' : 'v1';
      const countedBefore = { ...load.report.requests };
      const servedBefore = load.report.versions[version] ?? 0;
      const pushedAt = await push(facts, { repository: name, version });
      await waitUntil(() => (load.report.versions[version] ?? 0) > servedBefore, { timeoutMs: 60_000, what: `${version} serves` });
      splits.push(splitOf(events, pushedAt, new Date()));
      await events.heard('deploy.succeeded', name, { count: rollout + 1, timeoutMs: 90_000 });
      missing.push(shortOf(eachRollout, countedBefore, load.report.requests));
    }
    // Each endless stream moved to the new container in every rollout; one that failed is told below.
    const unmoved = () => shortOf({ events: rollouts, websocket: rollouts }, {}, load.report.reopened);
    await waitUntil(() => load.report.failures.length > 0 || unmoved().length === 0, {
      what: `the WebSocket and the stream of events moved ${rollouts} times`,
    });
    const { failures, requests, versions, reopened } = await load.stop();
    test.diagnostic(
      `requests ${JSON.stringify(requests)}, versions ${JSON.stringify(versions)}, reopened ${JSON.stringify(reopened)}, ${failures.length} failed`,
    );
    test.diagnostic(`seconds from push to first answer (seen + begun + ready + answered):\n${splits.join('\n')}`);

    assert.deepEqual(failures, []);
    assert.deepEqual(missing, Array(rollouts).fill([]), 'load of every kind through every rollout');
    assert.deepEqual(Object.keys(versions).toSorted(), ['v1', 'v2']);

    const { endsOfEach, images } = await readKeptRollouts({ bus, events, service: name, since: begunAt });
    assert.deepEqual(endsOfEach, Array(rollouts + 1).fill(['deploy.succeeded.v1']), 'each rollout began once and ended once');
    assert.equal(images, rollouts + 1, 'each push was announced once');

    const { stdout } = await run('docker', ['ps', '-a', '--filter', `label=kedge.service=${name}`, '--format', '{{.Names}} {{.State}}']);
    assert.deepEqual(stdout.trim().split('\n'), [`${name} running`], 'the old containers are gone');
  });
});
