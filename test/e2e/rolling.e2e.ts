import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ImageUpdated } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { send, startLoad } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { joinBus, type StackFacts, theStack } from './harness/stack.ts';

/** v1 → v2 → v1 this many times, ten seconds a rollout: ten rollouts, and twenty with `npm run test:long`. */
const rounds = process.env.KEDGE_TEST_LONG === '1' ? 10 : 5;
const name = 'rolling-web';
const host = 'rolling.example';
const gate = ['[[gate]]', 'type = "http"', 'path = "/health"', ''];
/** Long enough for the slow answer; the WebSocket and the stream of events last until the bound. Nobody inside calls this service by name. */
const drain = ['[drain]', 'timeout = "6s"', 'dns_settle = "1s"'];

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

    const load = startLoad({ port: facts.httpPort, host, versions: ['v1', 'v2'] });
    test.after(async () => await load.stop());
    const splits: string[] = [];
    for (let round = 0; round < rounds * 2; round += 1) {
      const version = round % 2 === 0 ? 'v2' : 'v1';
      const servedBefore = load.report.versions[version] ?? 0;
      const pushedAt = await push(facts, { repository: name, version });
      await waitUntil(() => (load.report.versions[version] ?? 0) > servedBefore, { timeoutMs: 60_000, what: `${version} serves` });
      splits.push(splitOf(events, pushedAt, new Date()));
      await events.heard('deploy.succeeded', name, { count: round + 2, timeoutMs: 90_000 });
    }
    const report = await load.stop();
    test.diagnostic(
      `requests ${JSON.stringify(report.requests)}, versions ${JSON.stringify(report.versions)}, reopened ${JSON.stringify(report.reopened)}`,
    );
    test.diagnostic(`seconds from push to first answer (seen + begun + ready + answered):\n${splits.join('\n')}`);

    assert.deepEqual(report.failures, []);
    assert.ok((report.versions.v1 ?? 0) > 0 && (report.versions.v2 ?? 0) > 0);
    for (const kind of ['keep-alive', 'fresh', 'post', 'websocket message']) assert.ok((report.requests[kind] ?? 0) > 100, kind);

    const started = events.of('deploy.started', name);
    assert.equal(started.length, rounds * 2 + 1, 'each rollout began once');
    assert.equal(new Set(started.map(({ correlationid }) => correlationid)).size, started.length);
    for (const { correlationid } of started) {
      const ends = events.all.filter(
        (event) => event.correlationid === correlationid && /^deploy\.(succeeded|failed|rolledback|superseded)/.test(event.type),
      );
      assert.deepEqual(
        ends.map(({ type }) => type),
        ['deploy.succeeded.v1'],
      );
    }

    const { stdout } = await run('docker', ['ps', '-a', '--filter', `label=kedge.service=${name}`, '--format', '{{.Names}} {{.State}}']);
    assert.deepEqual(stdout.trim().split('\n'), [`${name} running`], 'the old containers are gone');
  });
});
