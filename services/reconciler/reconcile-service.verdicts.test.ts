import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployProgressed, releaseName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { digestOf } from './testing/simulation.ts';
import { assertServes, ends, neverReady, open, proxied, quickGate, said, serving, specOf, type Watched } from './testing/stories.ts';

/** Lets time go by until the rollout is so far. */
async function until(simulation: Watched, isThere: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 1_000 && !(await isThere()); looks += 1) await simulation.settle({ untilMs: 1 });
  assert.ok(await isThere());
}

const containersOf = ({ engine }: Watched, version: string) => engine.all().filter(({ kedge }) => kedge?.digest === digestOf(version));

describe('a container of a new release that is killed, and is older than the watch over its engine', () => {
  const spec = specOf({ ...proxied, ...quickGate });
  const slow = [{ instance: 'p1', applyAfterMs: 300, requestsLastMs: 4_000 }];

  it('is judged when it has served: what it replaced gets its requests back at once', async () => {
    const simulation = await serving(spec, {}, slow);
    await simulation.accept('v2');
    await until(simulation, async () => (await simulation.record())?.rollout?.switchedAt !== undefined);
    assert.equal(containersOf(simulation, 'v1').length, 1, 'it drains');
    const made: string[] = [];
    const { create } = simulation.engine;
    simulation.engine.create = async (plan) => {
      made.push(plan.name);
      return await create(plan);
    };
    simulation.hearAnew();
    for (const { id } of containersOf(simulation, 'v2')) simulation.engine.kill(id);
    await simulation.settle();
    assert.deepEqual(made, [], 'no other one of it was made');
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
  });

  it('is made anew when it has not: what ended it may be left of a start that the engine forgot', async () => {
    const simulation = await serving(spec, { v2: { readyAfterMs: 1_000 } }, slow);
    await simulation.accept('v2');
    const running = async () => containersOf(simulation, 'v2').some(({ state }) => state === 'running');
    await until(simulation, running);
    simulation.hearAnew();
    for (const { id } of containersOf(simulation, 'v2')) simulation.engine.kill(id);
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });
});

describe('a release that is fit when the engine refuses something', () => {
  const refusals = [
    ['remove', 'remove'],
    ['remove', 'stop'],
    ['setAliases', 'remove'],
    ['remove', 'setAliases'],
  ] as const;

  for (const restart of ['always', 'no']) {
    it(`is not judged by what stopped it meanwhile: restart = "${restart}"`, async () => {
      for (const [first, second] of refusals) {
        for (const route of [{}, proxied]) {
          const spec = specOf({ ...route, ...quickGate, service: { restart } });
          const simulation = await serving(spec, { v2: { readyAfterMs: 1_000 } });
          const { engine } = simulation;
          const isFit = () => engine.all().some((each) => each.kedge?.digest === digestOf('v2') && engine.isFit(each));
          const left: string[] = [first, second];
          for (const call of new Set([first, second])) {
            const act = engine[call] as (...of: unknown[]) => Promise<void>;
            const refusing = async (...of: unknown[]) => {
              if (left[0] !== call || (left.length === 2 && !isFit())) return await act(...of);
              left.shift();
              throw new RetryableError('ENGINE_BUSY', 'the engine has trouble');
            };
            Object.assign(engine, { [call]: refusing });
          }
          await simulation.accept('v2');
          await simulation.settle();
          await simulation.settle();
          await assertServes(simulation, spec, 'v2');
          assert.deepEqual([left.length < 2, said(simulation, ...ends)], [true, [2, 2, 0, 0]]);
        }
      }
    });
  }
});

describe('a worker whose image names a port that it never opens', () => {
  it('says for how long it is waited for, and what to declare instead', async () => {
    const simulation = await open({ v1: { ...neverReady, exposes: [8080] } });
    await simulation.declare(specOf());
    await simulation.accept('v1');
    await simulation.settle();
    const told = simulation.events.map(({ data }) => DeployProgressed.safeParse(data)).flatMap(({ data }) => (data ? [data] : []));
    assert.deepEqual(
      told.filter(({ step }) => step === 'starting').map(({ message }) => message),
      [
        'the new containers start; each waits up to 30 s (until 00:00:30Z) for port 8080, which its image exposes; a [service.healthcheck] with a short interval is asked instead',
      ],
    );
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });
});

describe('a release that never listens where its image says', () => {
  const spec = specOf();
  const servers = { v1: { exposes: [80] }, v2: { ...neverReady, exposes: [80] } };

  for (const dies of [false, true]) {
    it(`is barred although what it replaces answers only once${dies ? ', and the process dies after that' : ''}`, async () => {
      const simulation = await serving(spec, servers);
      const [address] = containersOf(simulation, 'v1').map((each) => each.address);
      const { tcp } = simulation.engine;
      let asked = 0;
      simulation.engine.tcp = async (question) => {
        if (question.address !== address) return await tcp(question);
        asked += 1;
        return asked === 1 ? await tcp(question) : { ok: false, message: 'it did not answer within 2 s' };
      };
      await simulation.accept('v2');
      await until(simulation, async () => (await simulation.record())?.rollout?.step === 'must-listen');
      await simulation.settle({ crashes: dies ? [{ call: 1, effect: 'before' }] : [] });
      await assertServes(simulation, spec, 'v1');
      assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
      assert.equal(asked, 1, 'it is known from then on');
      const told = simulation.events.filter(
        ({ type, data }) => type === 'deploy.progressed.v1' && JSON.stringify(data).includes('"must-listen"'),
      );
      assert.equal(told.length, 1);
      const { release, reason } = (await simulation.record())?.last ?? {};
      assert.equal(release, releaseName(spec, digestOf('v2')));
      assert.match(reason ?? '', /^it was not ready within 60 s: .*; what it replaces answers on port 80/);
    });
  }
});
