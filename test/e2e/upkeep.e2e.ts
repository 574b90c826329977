import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { joinBus, type StackFacts, theStack } from './harness/stack.ts';

const folder = 'upkeep-web';
const host = 'upkeep.example';
const clients = 4;

/** Asks without a pause over connections of their own; nothing is retried. */
function startAsking(facts: StackFacts): { readonly answers: number[]; readonly broken: string[]; stop(): Promise<void> } {
  const answers: number[] = [];
  const broken: string[] = [];
  let stopping = false;
  const asking = Array.from({ length: clients }, async () => {
    while (!stopping) {
      try {
        answers.push((await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false })).status);
      } catch (thrown) {
        broken.push(thrown instanceof Error ? thrown.message : String(thrown));
      }
      await timer(5);
    }
  });
  return {
    answers,
    broken,
    async stop() {
      stopping = true;
      await Promise.all(asking);
    },
  };
}

describe('a service that stays', () => {
  let facts: StackFacts;
  let bus: Bus;
  let events: Recording;
  const text = (name: string) =>
    serviceText({ name, image: reference(facts, 'upkeep-web'), host, more: ['[[gate]]', 'type = "http"', 'path = "/health"'] });

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

  for (const command of ['kill', 'stop', 'rm -f']) {
    it(`is asked again by whoever came while its container was gone after docker ${command}`, async (test) => {
      const [victim = ''] = await containersOf('upkeep-one');
      const asking = startAsking(facts);
      test.after(async () => await asking.stop());
      await waitUntil(() => asking.answers.length > 50);
      await run('docker', [...command.split(' '), victim]);
      const seen = asking.answers.length;
      await waitUntil(() => asking.answers.length > seen + 100, { timeoutMs: 60_000, what: 'answers after the container came back' });
      await asking.stop();
      const others = asking.answers.filter((status) => status !== 200);
      test.diagnostic(
        `${asking.answers.length} answers, ${others.length} of them not 200: ${others.join(' ')}; ${asking.broken.length} cut off`,
      );
      assert.ok(others.length + asking.broken.length <= clients, 'only what was being answered at that moment is lost');
    });
  }

  it('answers all the time while it gets another name', async (test) => {
    const asking = startAsking(facts);
    test.after(async () => await asking.stop());
    await waitUntil(() => asking.answers.length > 50);
    await declare(facts, { [folder]: text('upkeep-two') });
    await events.heard('deploy.succeeded', 'upkeep-two');
    await waitUntil(async () => (await containersOf('upkeep-one')).length === 0, { timeoutMs: 60_000, what: 'the old name is gone' });
    await asking.stop();
    assert.deepEqual(
      asking.answers.filter((status) => status !== 200),
      [],
    );
    assert.deepEqual(asking.broken, []);
    assert.equal((await containersOf('upkeep-two')).length, 1);
  });
});
