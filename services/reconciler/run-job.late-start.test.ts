import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CommandRig, openCommandRig } from './testing/command-rig.ts';
import { specOf } from './testing/stories.ts';

const nightly = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });

/** One instant was run, and its container is there for the next one. */
async function afterOneRun(endsAfterMs: number): Promise<CommandRig> {
  const rig = await openCommandRig({ readyAfterMs: null, endsAfterMs });
  await rig.declare(nightly);
  await rig.accept('v1');
  await fire(rig);
  await rig.settle();
  return rig;
}

async function fire(rig: CommandRig): Promise<void> {
  rig.later(86_400_000);
  await rig.fire(new Date(rig.now()).toISOString());
}

/**
 * The next call of this name stands still before it reaches the engine: whoever asked is stopped there. Resolves, when that is so, to what
 * lets it go on.
 */
function standStillAt(rig: CommandRig, call: 'start' | 'rename'): Promise<() => void> {
  const reached = Promise.withResolvers<() => void>();
  const goOn = Promise.withResolvers<void>();
  const { start, rename } = rig.engine;
  async function stand(): Promise<void> {
    Object.assign(rig.engine, { start, rename });
    reached.resolve(goOn.resolve);
    await goOn.promise;
  }
  const held = {
    start: async (container: string) => await stand().then(() => start(container)),
    rename: async (id: string, name: string) => await stand().then(() => rename(id, name)),
  };
  Object.assign(rig.engine, { [call]: held[call] });
  return reached.promise;
}

describe('what a reconciler asked for before another one ran the instant', () => {
  for (const call of ['start', 'rename'] as const) {
    for (const endsAfterMs of [50, 60_000]) {
      it(`does not run it again when its ${call} arrives late, after ${endsAfterMs} ms of running`, async () => {
        const rig = await afterOneRun(endsAfterMs);
        await fire(rig);
        const still = standStillAt(rig, call);
        const first = rig.settle();
        const goOn = await still;
        await rig.restart();
        await rig.settle();
        assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished', 'finished'], 2]);

        goOn();
        await first;
        await rig.settle();
        assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished', 'finished'], 2], 'nothing happened');
        assert.deepEqual(
          rig.engine.all().map(({ name, state }) => [name, state]),
          [['web', 'exited']],
        );
      });
    }
  }

  it('does not run it again when it arrives while the other one is about to start it', async () => {
    const rig = await afterOneRun(50);
    await fire(rig);
    const one = standStillAt(rig, 'start');
    const first = rig.settle();
    const goOn = await one;
    await rig.restart();
    const other = standStillAt(rig, 'start');
    const second = rig.settle();
    const goOnToo = await other;
    goOn();
    await first;
    goOnToo();
    await second;
    await rig.settle();
    assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished', 'finished'], 2]);
  });
});
