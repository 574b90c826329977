import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { ImageEntry, imageKey, StatusReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from '../e2e/harness/configuration.ts';
import { serviceText } from '../e2e/harness/service-text.ts';
import { run } from '../e2e/harness/shell.ts';
import { joinBus, kedge, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { type Asks, followAsks } from './harness/asks.ts';
import { stateFolder } from './harness/chaos-stack.ts';
import { containersOf } from './harness/containers.ts';
import { crash, instancesOf } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { prepareVersion, release } from './harness/releases.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, seed, someOf, turnOf } from './harness/sample.ts';
import { type Certificate, makeCertificates, openSecureRegistry, secureHost } from './harness/secure-registry.ts';
import { openSickRegistry, pauseSeconds, type Sickness, type SickRegistry, sicknesses } from './harness/sick-registry.ts';
import { skipOrFail } from './harness/skip-or-fail.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

const all = Object.keys(sicknesses) as Sickness[];
const badCertificates = ['signed by itself', 'for another name'] as const satisfies Certificate[];
/** By these words people know what to mend. */
const sentences = { 'signed by itself': /SELF_SIGNED/, 'for another name': /ALTNAME/ };
const intervalMs = 2_000;
/** How much longer the second pause is than the first one, whatever the jitter: twice the interval follows once. */
const slowerMs = 700;
const silenceMs = 60_000;

describe(`the registry falls ill (KEDGE_TEST_SEED=${seed})`, turnOf('the registry falls ill'), () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let registry: SickRegistry;
  let web: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    registry = await openSickRegistry(facts.registryPort);
    web = await createRollingService({ facts, spy, name: 'sick-web', registryPort: registry.port });
    await web.declare();
    await web.arrived();
  });
  after(async () => {
    await web.undeclare();
    await registry.close();
    await spy.close();
    await bus.close();
  });

  async function trouble(service = web.name) {
    const { services } = StatusReply.parse(JSON.parse(await kedge(facts, ['status', service, '--json'])));
    return services[0]?.registry;
  }

  /** From the look that failed: the next two come later and later, or as late as they were asked to. */
  async function assertSlower(asks: Asks, from: number, isAskedToWait: boolean): Promise<readonly number[]> {
    await waitUntil(() => asks.pausesFrom(from).length >= 2, { timeoutMs: 90_000, what: 'it is asked again twice' });
    const [first = 0, second = 0] = asks.pausesFrom(from);
    if (isAskedToWait)
      for (const pause of [first, second]) assert.ok(pause >= pauseSeconds * 1_000 * 0.95, `asked again after ${pause} ms`);
    else assert.ok(second > first + slowerMs, `it is asked as often as ever: after ${first} ms, then after ${second} ms`);
    return [first, second];
  }

  async function assertAsOften(asks: Asks): Promise<readonly number[]> {
    // The look that was answered may not be among them yet.
    const from = asks.at.length;
    await waitUntil(() => asks.pausesFrom(from).length >= 3, { timeoutMs: 60_000, what: 'it is asked again' });
    const pauses = asks.pausesFrom(from).slice(0, 3);
    assert.ok(Math.max(...pauses) < 1.5 * intervalMs, `it is asked again every ${intervalMs} ms: ${pauses.join(', ')}`);
    return pauses;
  }

  const told = someOf([...all, ...badCertificates], 1);
  for (const sickness of all) {
    it(`(${sickness}): it is named, asked less often, and nothing rolls until it is well`, told(sickness), async (test) => {
      const since = new Date();
      const served = web.wanted();
      await web.prepare();
      const finish = holdLoad(test, facts, [web]);
      const asks = followAsks(facts, `localhost:${registry.port}`);
      test.after(async () => await asks.close());
      await registry.fallIll(sickness);
      const sickAt = performance.now();
      test.after(async () => await registry.recover());
      await web.releaseUnseen();

      const known = await waitUntil(async () => await trouble(), { timeoutMs: 60_000, what: 'the status names the trouble' });
      const failedAt = asks.at.length - 1;
      const codes: readonly string[] = sicknesses[sickness];
      assert.ok(codes.includes(known.code), `${known.code}: ${known.message}`);
      assert.ok(Date.parse(known.since ?? '') >= since.getTime(), `since ${known.since}`);
      const pauses = await assertSlower(asks, failedAt, sickness === 'limited');
      if (sickness === 'silent' && isLong) await timer(sickAt + silenceMs - performance.now()); // the silence is the story
      assert.equal((await trouble())?.since, known.since, 'it is the same trouble all the time');
      test.diagnostic(`${known.code}: ${known.message}; asked again after ${pauses.join(', ')} ms`);
      assert.deepEqual(await rolloutEvents(bus, web.name, since), [], 'nothing rolls');
      assert.notEqual(served, web.wanted(), 'there was something to roll');

      await registry.recover();
      await web.arrived();
      await waitUntil(async () => (await trouble()) === undefined, { timeoutMs: 30_000, what: 'the status says no more of it' });
      test.diagnostic(`well again, it is asked after ${(await assertAsOften(asks)).join(', ')} ms`);
      await finish();
      assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
    });
  }

  for (const certificate of badCertificates) {
    it(
      `(a certificate ${certificate}): it is named, asked less often, and nothing starts; the right one ends it`,
      told(certificate),
      async (test) => {
        const name = 'sick-secure';
        const folder = stateFolder(facts, 'watcher');
        if (!(await hasOpenSsl())) return skipOrFail(test, 'the program openssl is not on this machine');
        await makeCertificates(folder);
        const [watcher = ''] = await instancesOf(facts, 'watcher');
        await crash(watcher);
        const secure = await openSecureRegistry(facts.registryPort, folder);
        test.after(async () => await secure.close());
        await secure.show(certificate);
        await prepareVersion(facts, { repository: name }, 'r0');
        await release(facts, name, 'r0');
        const since = new Date();
        const image = `${secureHost}:${secure.port}/${name}:latest`;
        await declare(facts, { [name]: serviceText({ name, image }) });
        test.after(async () => await undeclare(facts, [name]));

        const asks = followAsks(facts, `${secureHost}:${secure.port}`);
        test.after(async () => await asks.close());
        const known = await waitUntil(async () => await trouble(name), { timeoutMs: 60_000, what: 'the status names the trouble' });
        const failedAt = asks.at.length - 1;
        assert.equal(known.code, 'REGISTRY_UNREACHABLE');
        assert.match(known.message, sentences[certificate]);
        assert.ok(Date.parse(known.since ?? '') >= since.getTime(), `since ${known.since}`);
        const pauses = await assertSlower(asks, failedAt, false);
        test.diagnostic(`${known.message}; asked again after ${pauses.join(', ')} ms`);
        assert.deepEqual(await containersOf(facts, name), [], 'nothing starts');

        await secure.show('right');
        const entry = async () => (await spy.bus.bucket('images', ImageEntry).get(imageKey(image)))?.value;
        await waitUntil(async () => (await entry())?.state === 'present', { timeoutMs: 60_000, what: 'the registry is believed' });
        assert.equal((await entry())?.trouble, undefined);
        await assertAsOften(asks);
      },
    );
  }
});

async function hasOpenSsl(): Promise<boolean> {
  return (await run('sh', ['-c', 'command -v openssl'], { accept: [0, 1, 127] })).code === 0;
}
