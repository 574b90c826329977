import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { DeployFailed, StatusReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare, writeService } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { forgetImage, push, reference } from './harness/images.ts';
import { send, startLoad } from './harness/load.ts';
import { metricsOf } from './harness/metrics.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { compose, joinBus, kedge, type StackFacts, theStack } from './harness/stack.ts';

const name = 'bad-web';
const host = 'bad.example';
/** What each kind of bad release says before it is judged. */
const lastWords = { crash: 'bad-crash cannot find its database', unhealthy: 'bad-unhealthy listens' } as const;
const gate = [
  '[[gate]]',
  'type = "http"',
  'path = "/health"',
  'healthy_deadline = "4s"',
  '',
  '[drain]',
  'timeout = "8s"',
  'dns_settle = "1s"',
];

describe('a bad release', () => {
  let facts: StackFacts;
  let bus: Bus;
  let events: Recording;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    events = record(bus);
    await push(facts, { repository: name, version: 'v1' });
    await declare(facts, { [name]: serviceText({ name, image: reference(facts, name), host, more: gate }) });
    await events.heard('deploy.succeeded', name);
    await waitUntil(async () => (await get()) === 'v1');
  });
  after(async () => {
    await undeclare(facts, [name, 'absent-web', 'torn-web']);
    await bus.close();
  });

  async function get(): Promise<string> {
    return (await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false })).body;
  }

  /** Whatever the engine says of a container of the service has the reconciler look at it. */
  async function haveItLookedAt(): Promise<void> {
    const passes = async () => (await metricsOf(facts, 'reconciler')).get('kedge_pass_seconds_count') ?? 0;
    const before = await passes();
    await run('docker', ['update', '--cpu-shares', '1024', name]);
    await waitUntil(async () => (await passes()) > before, { what: 'the reconciler looks at it' });
  }

  async function status(service: string) {
    const reply = StatusReply.parse(JSON.parse(await kedge(facts, ['status', service, '--json'])));
    const found = reply.services.find((each) => each.service === service);
    assert.ok(found, `${service} is in the status`);
    return found;
  }

  for (const [index, mode] of (['crash', 'unhealthy'] as const).entries()) {
    it(`is never routed when it is one of kind "${mode}", and is not tried again`, async (test) => {
      const load = startLoad({ port: facts.httpPort, host, versions: ['v1'], slowMs: 1_000 });
      test.after(async () => await load.stop());
      await push(facts, { repository: name, version: `bad-${mode}`, mode });
      const failed = await events.heard('deploy.failed', name, { count: index + 1 });
      const data = DeployFailed.parse(failed.data);
      assert.equal(data.barred, true);
      assert.ok(
        data.lastLines.some((line) => line.includes(lastWords[mode])),
        data.lastLines.join('\n'),
      );
      assert.match(
        await kedge(facts, ['status', name]),
        new RegExp(`last lines of the container that failed:(?:.|\\n)*${lastWords[mode]}`),
      );

      const startedBefore = events.of('deploy.started', name).length;
      // Three more looks at the registry: the watcher asks every two seconds.
      await kedge(facts, ['check', name]);
      await kedge(facts, ['check', name]);
      await kedge(facts, ['check', name]);
      await waitUntil(async () => (await status(name)).barred.length === index + 1);
      for (let look = 0; look < 3; look += 1) await haveItLookedAt();
      const report = await load.stop();
      assert.deepEqual(report.failures, []);
      assert.deepEqual(Object.keys(report.versions), ['v1']);
      assert.equal(events.of('deploy.started', name).length, startedBefore);
      assert.equal(await get(), 'v1');
    });
  }

  it('makes way for the next good one', async () => {
    const before = events.of('deploy.succeeded', name).length;
    await push(facts, { repository: name, version: 'v2' });
    await events.heard('deploy.succeeded', name, { count: before + 1 });
    await waitUntil(async () => (await get()) === 'v2');
  });

  it('waits, bars nothing and goes out later when its image cannot be pulled', async () => {
    const absent = 'absent-web';
    await declare(facts, { [absent]: serviceText({ name: absent, image: reference(facts, absent, 'later'), host: 'absent.example' }) });
    const waiting = await waitUntil(async () => {
      const found = await status(absent);
      return found.phase === 'waiting' && found;
    });
    assert.notEqual(waiting.reason, '');
    assert.deepEqual(waiting.barred, []);
    await push(facts, { repository: absent, tag: 'later', version: 'v1' });
    await events.heard('deploy.succeeded', absent, { timeoutMs: 90_000 });
    await writeService(facts, absent, serviceText({ name: absent, image: reference(facts, absent, 'later'), host: 'absent.example' }));
  });

  it('waits, tries again and bars nothing while the registry announces an image that it cannot deliver', async () => {
    const torn = 'torn-web';
    // An image of its own for each run: the engine must not know its parts from an earlier one.
    const version = `torn-${facts.project}`;
    await push(facts, { repository: torn, version });
    const id = await forgetImage(facts, { repository: torn, version });
    const hash = id.slice('sha256:'.length);
    const blob = `/var/lib/registry/docker/registry/v2/blobs/sha256/${hash.slice(0, 2)}/${hash}`;
    await compose(facts, ['exec', '-T', 'registry', 'rm', '-r', blob]);

    await declare(facts, { [torn]: serviceText({ name: torn, image: reference(facts, torn), host: 'torn.example' }) });
    const waiting = await waitUntil(
      async () => {
        const found = await status(torn);
        return found.phase === 'waiting' && (found.waiting?.failures ?? 0) >= 2 && found;
      },
      { timeoutMs: 40_000, what: 'a second attempt' },
    );
    assert.match(waiting.waiting?.code ?? '', /^REGISTRY_/);
    assert.deepEqual(waiting.barred, []);
    assert.equal(events.of('deploy.failed', torn).length, 0);

    await push(facts, { repository: torn, version });
    await kedge(facts, ['deploy', torn]);
    await events.heard('deploy.succeeded', torn, { timeoutMs: 60_000 });
  });
});
