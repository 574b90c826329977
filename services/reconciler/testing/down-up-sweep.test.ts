import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CrashPoint } from './crash-points.ts';
import { digestOf } from './simulation.ts';
import { crashing, open, proxied, said, specOf, type Watched } from './stories.ts';
import { callsToDieAt, seed } from './sweep.ts';

const db = specOf({ service: { name: 'db', image: 'db:1' } });
const migrate = specOf({ service: { name: 'migrate', image: 'job:1', restart: 'no' }, depends_on: { db: 'started' } });
const web = specOf({ ...proxied, depends_on: { migrate: 'completed' } });

/** All of it serves; where `isBarred`, beside a newest migration that failed. */
async function stack(isBarred: boolean): Promise<Watched> {
  const once = { readyAfterMs: 300, endsAfterMs: 2_000, exitCode: 0 };
  const simulation = await open({ d1: {}, m1: once, m2: { ...crashing, endsAfterMs: 1_000 } });
  await simulation.declare(web, migrate, db);
  for (const [version, image] of [['d1', 'db:1'], ['m1', 'job:1'], ['v1']] as const) await simulation.accept(version, image);
  await simulation.settle();
  if (isBarred) await simulation.accept('m2', 'job:1');
  await simulation.settle();
  return simulation;
}

/** What is there, and how, in the order in which it was started. */
function standing({ engine }: Watched): readonly string[] {
  const versions = new Map<string | undefined, string>(['d1', 'm1', 'm2', 'v1'].map((version) => [digestOf(version), version]));
  return engine
    .all()
    .toSorted((one, other) => Number(one.startedAt) - Number(other.startedAt))
    .map(({ kedge, state, name }) => `${name} ${versions.get(kedge?.digest)} ${state}`);
}

/** Takes all down and lets it come up; the process dies in the one, or the other. Resolves to the calls of each. */
async function turn(isBarred: boolean, { down, up }: Partial<Record<'down' | 'up', CrashPoint>> = {}) {
  const simulation = await stack(isBarred);
  const calls: number[] = [simulation.calls()];
  const before = standing(simulation);
  await simulation.decideNode('down', 'd');
  await simulation.settle({ crashes: down ? [down] : [], untilMs: 300_000 });
  calls.push(simulation.calls());
  assert.deepEqual(standing(simulation), []);
  await simulation.decideNode('up', 'u');
  await simulation.settle({ crashes: up ? [up] : [] });
  calls.push(simulation.calls());
  assert.deepEqual(standing(simulation), before);
  const job = simulation.engine.all().find(({ name }) => name === 'migrate');
  const last = simulation.engine.all().find(({ name }) => name === 'web');
  assert.ok(Number(last?.startedAt) >= Number(job?.finishedAt), 'what needs the migration starts when that has ended');
  const { leavingSince, takenDown, comingUp, waiting, serving } = (await simulation.record()) ?? {};
  assert.deepEqual([leavingSince, takenDown, comingUp, waiting], [undefined, undefined, undefined, undefined]);
  assert.equal(serving?.digest, digestOf('v1'));
  assert.deepEqual([said(simulation, 'service.removed'), simulation.violations], [[0], []]);
  const [first = 0, second = 0, third = 0] = calls;
  return { down: second - first, up: third - second };
}

describe('a crash of the reconciler while all is taken down, or comes up', () => {
  for (const isBarred of [false, true]) {
    it(`leads to the same end, in the same order${isBarred ? ', while the newest migration is barred' : ''}`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const calls = await turn(isBarred);
      for (const when of ['down', 'up'] as const) {
        for (const call of callsToDieAt(calls[when], 3)) {
          for (const effect of ['before', 'within', 'after'] as const) {
            await assert.doesNotReject(turn(isBarred, { [when]: { call, effect } }), `a crash ${effect} call ${call} of ${when}`);
          }
        }
      }
    });
  }
});
