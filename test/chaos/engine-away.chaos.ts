import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { DeployProgressed } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import fc from 'fast-check';
import { replace } from '../e2e/harness/configuration.ts';
import { record } from '../e2e/harness/follow.ts';
import { reference } from '../e2e/harness/images.ts';
import { send } from '../e2e/harness/load.ts';
import { run } from '../e2e/harness/shell.ts';
import { joinBus, kedge, type StackFacts } from '../e2e/harness/stack.ts';
import { cutPower, type DarkMachine } from './harness/dark-machine.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { createNamedService, type NamedService } from './harness/named-service.ts';
import type { PrivateEngine } from './harness/private-engine.ts';
import { startPrivateStack } from './harness/private-stack.ts';
import { allIsWell, holdNameLoad, standingOf } from './harness/private-story.ts';
import { sample, seed, someOf, turnOf } from './harness/sample.ts';
import { skipOrFail } from './harness/skip-or-fail.ts';

/** How an engine goes: asked to end, killed, or with the whole machine. */
const blows = ['SIGTERM', 'SIGKILL', 'power cut'] as const;
type Blow = (typeof blows)[number];
const moments = sample(
  ['pulling', 'starting', 'switched'].flatMap((step) => blows.map((blow) => ({ step, blow }))),
  1,
);

/** How containers come back after the power was cut. */
const returns: Readonly<Record<string, (machine: DarkMachine, services: readonly NamedService[], facts: StackFacts) => Promise<void>>> = {
  'the proxy before the bus, and it serves by the routes that it saved': async (machine, [first], facts) => {
    await machine.start(({ name }) => name.startsWith(first?.name ?? ''));
    await machine.start(({ name }) => name.includes('-proxy-'));
    const { httpPort: port } = facts;
    await waitUntil(async () => (await send({ port, host: first?.host ?? '', method: 'GET', path: '/', agent: false })).status === 200, {
      timeoutMs: 30_000,
      what: 'the proxy serves without the bus',
    });
    assert.match(await kedge(facts, ['status'], [2]), /not answer/);
  },
  'somebody else on the network first, then the proxy': async (machine) => {
    await machine.start(({ name }) => name === outsider);
    await machine.start(({ name }) => name.includes('-proxy-'));
  },
  ...Object.fromEntries(
    [0, 1, 2].map((round) => [
      `one by one, shuffled with seed ${seed + round}`,
      async (machine: DarkMachine) => await oneByOne(machine, round),
    ]),
  ),
};
const outsider = 'outsider';

async function oneByOne({ containers, start }: DarkMachine, round: number): Promise<void> {
  const all = { minLength: containers.length, maxLength: containers.length };
  const [order = []] = fc.sample(fc.shuffledSubarray([...containers], all), { seed: seed + round, numRuns: 1 });
  for (const [index, { id }] of order.entries()) {
    await start((container) => container.id === id);
    await timer((index % 3) * 1_000); // whoever is up sees a world that is half there
  }
}

const restartOf = (blow: Blow) => `${blow}, and all comes back by itself: everything is where it was, and nothing is rolled`;
const rolloutOf = ({ step, blow }: (typeof moments)[number]) => `${blow} in a rollout that is ${step}: it ends well, once`;
const returnOf = (order: string) => `power cut, and back come ${order}: no request reaches another service, and nothing is rolled`;
const told = someOf([...blows.map(restartOf), ...moments.map(rolloutOf), ...Object.keys(returns).map(returnOf)], 1);

describe(`the engine goes away (KEDGE_TEST_SEED=${seed})`, turnOf('the engine goes away'), () => {
  const closing: (() => Promise<void>)[] = [];
  let missing: string | null = null;
  let engine: PrivateEngine;
  let facts: StackFacts;
  let bus: Bus;
  let alpha: NamedService;
  let services: readonly NamedService[];

  before(async () => {
    const stack = await startPrivateStack();
    if (typeof stack === 'string') {
      missing = stack;
      return;
    }
    closing.push(stack.close);
    ({ engine, facts } = stack);
    bus = await joinBus(facts, 'cli');
    closing.push(async () => await bus.close());
    await replace(join(facts.configFolder, 'dispenser.vars'), 'chaos_password = "correct horse"\n');
    alpha = await createNamedService({ facts, bus, name: 'alpha', env: { DB: '${chaos_password}' } });
    services = [alpha, await createNamedService({ facts, bus, name: 'beta' })];
    for (const service of services) await service.declare();
    for (const service of services) await service.arrived();
    // At an address that the engine chooses anew at each start.
    const theirs = ['--network', facts.network, '--restart', 'always', '-e', `VERSION=${outsider}`, reference(facts, alpha.name)];
    await run('docker', ['run', '-d', '--name', outsider, ...theirs]);
  });
  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  for (const blow of blows) {
    story(restartOf(blow), async (test) => {
      await changesNothing(test, async () => {
        await strike(blow);
        if (blow === 'SIGKILL') await onlyKedgeMissesTheEngine();
        else assert.match(await kedge(facts, ['status'], [2]), /not answer/);
        await engine.start();
      });
    });
  }

  for (const moment of moments) {
    story(rolloutOf(moment), async (test) => {
      const since = new Date();
      const events = record(bus);
      await alpha.prepare();
      const finish = holdNameLoad(test, facts, { services, mayFail: true });
      await alpha.releaseUnseen();
      const hasCome = () =>
        events.of('deploy.progressed', alpha.name).some(({ data }) => DeployProgressed.parse(data).step === moment.step);
      await waitUntil(hasCome, { timeoutMs: 60_000, what: `the rollout is ${moment.step}` });
      await strike(moment.blow);
      await engine.start();
      await finish();
      await allIsWell(facts);
      await onlyAlphaRolledOnce(since);
    });
  }

  for (const [order, comeBack] of Object.entries(returns)) {
    story(returnOf(order), async (test) => {
      await changesNothing(test, async () => {
        const machine = await cutPower(engine);
        await comeBack(machine, services, facts);
        await machine.start(() => true);
        await machine.restore();
      });
    });
  }

  /** Those that this seed chose are told, where there can be an engine for them. */
  function story(title: string, tell: (test: TestContext) => Promise<void>): void {
    it(title, told(title), async (test) => {
      if (missing !== null) return skipOrFail(test, missing);
      await tell(test);
    });
  }

  async function strike(blow: Blow): Promise<void> {
    if (blow === 'power cut') await engine.losePower();
    else await engine.stop(blow);
  }

  /** Whatever happens to the engine, afterwards all is as it was; and what is pushed then rolls out, with its secrets, and nothing else did. */
  async function changesNothing(test: TestContext, happen: () => Promise<void>): Promise<void> {
    const since = new Date();
    const standing = await standingOf(services);
    const finish = holdNameLoad(test, facts, { services, mayFail: true });
    await happen();
    await finish();
    assert.deepEqual(await standingOf(services), standing);
    await allIsWell(facts);
    await alpha.prepare();
    await alpha.release();
    await alpha.arrived();
    const { body } = await send({ port: facts.httpPort, host: alpha.host, method: 'GET', path: '/env?name=DB', agent: false });
    assert.equal(body, 'correct horse');
    await onlyAlphaRolledOnce(since);
  }

  async function onlyAlphaRolledOnce(since: Date): Promise<void> {
    for (const { name } of services) {
      const rollouts = assertEachEndedOnce(await rolloutEvents(bus, name, since));
      assert.equal(rollouts, name === alpha.name ? 1 : 0, `${name} was rolled as often as something new was pushed`);
    }
  }

  /** Containers outlive an engine that was killed, but not the ports of the loopback, one of which leads to the bus. */
  async function onlyKedgeMissesTheEngine(): Promise<void> {
    for (const { host } of services) {
      const { status } = await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false });
      assert.equal(status, 200);
    }
    assert.match(await kedge(facts, ['status'], [2]), /not answer/);
    const port = facts.environment.KEDGE_RECONCILER_HEALTH_PORT;
    const ask = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3; timeout 5 cat <&3`;
    await waitUntil(async () => (await engine.shell(`bash -c "${ask}"`)).includes('"ok":false'), { what: 'the reconciler is not ready' });
  }
});
