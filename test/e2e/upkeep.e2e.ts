import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { type LoadReport, send, startLoad } from './harness/load.ts';
import { shortOf } from './harness/progress.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { joinBus, type StackFacts, theStack } from './harness/stack.ts';

const folder = 'upkeep-web';
const host = 'upkeep.example';
/** How many requests of each kind are under way at any moment. */
const underWay: Readonly<Record<string, number>> = { 'keep-alive': 4, fresh: 2, post: 2, slow: 1, events: 1, websocket: 1 };
/** How a request fails whose container died over it. An answer with another body is none of these. */
const cutOff = /answered 50[234]|socket hang up|ECONNRESET|cut off|aborted|terminated|without its good-bye|closed with 1006/;

describe('a service that stays', () => {
  let facts: StackFacts;
  let bus: Bus;
  let events: Recording;
  const text = (name: string) =>
    serviceText({
      name,
      image: reference(facts, 'upkeep-web'),
      host,
      more: ['[[gate]]', 'type = "http"', 'path = "/health"', '', '[drain]', 'timeout = "3s"', 'dns_settle = "1s"'],
    });

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    events = record(bus);
    await push(facts, { repository: 'upkeep-web', version: 'v1' });
    await declare(facts, { [folder]: text('upkeep-one') });
    await events.heard('deploy.succeeded', 'upkeep-one');
    await waitUntil(async () => (await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false })).status === 200);
  });
  after(async () => {
    await undeclare(facts, [folder]);
    await bus.close();
  });

  async function containersOf(service: string): Promise<readonly string[]> {
    const { stdout } = await run('docker', ['ps', '--no-trunc', '-q', '--filter', `label=kedge.service=${service}`]);
    return stdout.split('\n').filter((id) => id !== '');
  }

  /** Tells a container that was started again from one that never ended; empty when it is gone. */
  async function startedAt(id: string): Promise<string> {
    return (await run('docker', ['inspect', '--format', '{{.State.StartedAt}}', id], { accept: [0, 1] })).stdout.trim();
  }

  /** When it ended, in milliseconds since the epoch. */
  async function diedAtMs(id: string, sinceMs: number): Promise<number> {
    const between = ['--since', String(sinceMs / 1_000), '--until', String(Date.now() / 1_000)];
    const which = ['--filter', `container=${id}`, '--filter', 'event=die', '--format', '{{.TimeNano}}'];
    const died = await run('docker', ['events', ...between, ...which]);
    const [atNano = ''] = died.stdout.split('\n');
    assert.match(atNano, /^\d+$/, 'the engine told when the container ended');
    return Number(atNano) / 1_000_000;
  }

  /** Mixed load whose answers are checked to the last byte, after some of each kind came. */
  async function underLoad(test: TestContext) {
    const load = startLoad({ port: facts.httpPort, host, versions: ['v1'], slowMs: 300, silenceMs: 2_000 });
    test.after(async () => await load.stop());
    await moreAnswers(load.report, 'answers at the beginning');
    return load;
  }

  async function moreAnswers({ requests }: LoadReport, what: string): Promise<void> {
    const wanted = { 'keep-alive': 50, fresh: 50, post: 20, slow: 2, 'websocket message': 5, event: 5 };
    const atFirst = { ...requests };
    await waitUntil(() => shortOf(wanted, atFirst, requests).length === 0, { timeoutMs: 60_000, what });
  }

  for (const command of ['kill', 'stop', 'rm -f']) {
    it(`answers in full whoever comes while its only container is gone after docker ${command}`, async (test) => {
      const [victim = ''] = await containersOf('upkeep-one');
      const load = await underLoad(test);
      const wasStartedAt = await startedAt(victim);
      const askedAtMs = Date.now();
      await run('docker', [...command.split(' '), victim]);
      await waitUntil(
        async () => {
          const [successor] = await containersOf('upkeep-one');
          return successor !== undefined && (await startedAt(successor)) !== wasStartedAt;
        },
        { timeoutMs: 60_000, what: 'the container is back' },
      );
      await moreAnswers(load.report, 'answers after the container came back');
      const { failures, losses, requests, versions } = await load.stop();
      test.diagnostic(`requests ${JSON.stringify(requests)}, versions ${JSON.stringify(versions)}, failures:\n${failures.join('\n')}`);
      // Lost is only what reached the container before it was gone: who came afterwards waited for its successor.
      const goneAtMs = await diedAtMs(victim, askedAtMs);
      const late = losses.filter(({ beganAtMs }) => beganAtMs >= goneAtMs);
      assert.deepEqual(late, [], `gone at ${new Date(goneAtMs).toISOString()}`);
      // A container that ends still takes connections for a moment: each client may be cut off there, come again, and be cut off once more.
      for (const [what, clients] of Object.entries(underWay)) {
        const lost = losses.filter((loss) => loss.what === what);
        assert.ok(lost.length <= 2 * clients, `${what}: ${lost.length} lost of ${clients} clients`);
      }
      for (const failure of failures) assert.match(failure, cutOff);
      assert.deepEqual(Object.keys(versions), ['v1']);
    });
  }

  it('answers all the time, each request in full, while it gets another name', async (test) => {
    const load = await underLoad(test);
    await declare(facts, { [folder]: text('upkeep-two') });
    await events.heard('deploy.succeeded', 'upkeep-two');
    await waitUntil(async () => (await containersOf('upkeep-one')).length === 0, { timeoutMs: 60_000, what: 'the old name is gone' });
    await moreAnswers(load.report, 'answers under the new name');
    const { failures, requests, versions, reopened } = await load.stop();
    test.diagnostic(`requests ${JSON.stringify(requests)}, reopened ${JSON.stringify(reopened)}`);
    assert.deepEqual(failures, []);
    assert.deepEqual(Object.keys(versions), ['v1']);
    assert.equal((await containersOf('upkeep-two')).length, 1);
  });
});
