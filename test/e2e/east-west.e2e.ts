import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { z } from 'zod';
import { declare, undeclare } from './harness/configuration.ts';
import { record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { joinBus, type StackFacts, theStack } from './harness/stack.ts';

const rounds = 10;
/** Less than the default: callers have less time to learn that the name moved. */
const drain = ['[drain]', 'dns_settle = "1s"'];
const target = 'east-target';
const caller = 'west-caller';
const Seen = z.object({ requests: z.number(), versions: z.record(z.string(), z.number()), failures: z.array(z.string()) });

describe('a service that calls another by name', () => {
  let facts: StackFacts;
  let bus: Bus;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
  });
  after(async () => {
    await undeclare(facts, [target, caller]);
    await bus.close();
  });

  it(`is never refused while the other rolls ${rounds} times`, async (test) => {
    const events = record(bus);
    await Promise.all([
      push(facts, { repository: target, version: 'r0', checked: true }),
      push(facts, { repository: caller, version: 'v1', entry: 'caller.js' }),
    ]);
    await declare(facts, { [target]: serviceText({ name: target, image: reference(facts, target), more: drain }) });
    await events.heard('deploy.succeeded', target);
    await declare(facts, {
      [caller]: serviceText({
        name: caller,
        image: reference(facts, caller),
        host: 'caller.example',
        env: { TARGET: target, PORT: '8080' },
      }),
    });
    await events.heard('deploy.succeeded', caller);
    const look = async () => {
      const { status, body } = await send({ port: facts.httpPort, host: 'caller.example', method: 'GET', path: '/', agent: false });
      assert.equal(status, 200);
      return Seen.parse(JSON.parse(body));
    };
    await waitUntil(async () => ((await look()).versions.r0 ?? 0) > 10, {
      timeoutMs: 20_000,
      what: 'the caller reaches the first version',
    });

    for (let round = 1; round <= rounds; round += 1) {
      await push(facts, { repository: target, version: `r${round}`, checked: true });
      await events.heard('deploy.succeeded', target, { count: round + 1, timeoutMs: 90_000 });
      await waitUntil(async () => ((await look()).versions[`r${round}`] ?? 0) > 10, { what: `the caller reaches r${round}` });
    }
    const seen = await look();
    test.diagnostic(`${seen.requests} requests, versions ${JSON.stringify(seen.versions)}`);
    assert.deepEqual(seen.failures, []);
    assert.equal(Object.keys(seen.versions).length, rounds + 1);
  });
});
