import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import type { Step } from './core/step.ts';
import { timingsOf } from './core/timings.ts';
import { createPlanFollower } from './follow-plan.ts';
import { declared, rolloutTo } from './testing/observed.ts';
import { recordOf, worldOf } from './testing/world.ts';

const { image: _image, ...made } = rolloutTo('v2');
const making = { spec: declared(), release: made.release, digest: made.digest, source: made.source, rollout: made.id };
const [pull, create, start]: readonly Step[] = [{ kind: 'pull' }, { kind: 'create', slot: 0, name: 'web' }, { kind: 'start', id: 'c1' }];

interface Situation {
  readonly steps: readonly (Step | undefined)[];
  readonly stopsSince?: string;
  /** What each guard says; nothing where it lets the steps go on. */
  readonly ports?: string;
  readonly dependencies?: string;
  readonly predecessors?: string;
  /** What it has waited for until now. */
  readonly waiting?: string;
  /** Whether the image is still being pulled after the first look. */
  readonly isPulling?: boolean;
}

/** Follows a plan; resolves to the steps that were performed, each round by itself, and to what stood in the way. */
async function follow({ steps, stopsSince, ports, dependencies, predecessors, waiting, isPulling = false }: Situation) {
  const rounds: string[] = [];
  const guard = (code: string | undefined) => async () => {
    if (code !== undefined) throw new RetryableError(code, code);
  };
  const follower = createPlanFollower({
    plan: async () => ({ steps: steps.filter((step) => step !== undefined), making, timings: timingsOf(null) }),
    async performAll(all) {
      rounds.push(all.map(({ kind }) => kind).join(' '));
      return isPulling ? { requeueAfterMs: 250 } : 'again';
    },
    adopter: { makeRoom: async () => undefined },
    standing: { goOn: async () => void rounds.push('goes on') },
    recorder: { makeRoom: async () => undefined },
    assertDependencies: guard(dependencies),
    assertPortsFree: guard(ports),
    assertVolumesFree: guard(undefined),
    assertPredecessorsGone: guard(predecessors),
  });
  const rollout = { ...rolloutTo('v2'), ...(stopsSince !== undefined && { stopsSince }) };
  const at = rollout.startedAt;
  const noted = waiting === undefined ? {} : { waiting: { code: waiting, message: '', since: at, retryAt: at, failures: 1 } };
  const world = worldOf({ record: recordOf({ rollout, ...noted }) });
  const met = await follower(world, 'rollout').then(
    () => null,
    (thrown: RetryableError) => thrown.code,
  );
  return { rounds, met };
}

describe('a plan that is followed', () => {
  it('pulls before anybody is asked to give way', async () => {
    assert.deepEqual(await follow({ steps: [pull, create], ports: 'PORT_TAKEN' }), { rounds: ['pull'], met: 'PORT_TAKEN' });
    assert.deepEqual(await follow({ steps: [pull, create] }), { rounds: ['pull', 'create'], met: null });
  });

  it('goes no further while an image is pulled', async () => {
    assert.deepEqual(await follow({ steps: [pull, create], isPulling: true }), { rounds: ['pull'], met: null });
  });

  it('waits for others before it asks for its place, unless it has stopped something for that', async () => {
    const both = { steps: [start], ports: 'PORT_COMING', dependencies: 'DEPENDENCY_PENDING' };
    assert.equal((await follow(both)).met, 'DEPENDENCY_PENDING');
    assert.equal((await follow({ ...both, stopsSince: rolloutTo('v2').startedAt })).met, 'PORT_COMING');
    assert.deepEqual(await follow({ steps: [start], predecessors: 'ROUTE_MOVING' }), { rounds: [], met: 'ROUTE_MOVING' });
  });

  it('says that it goes on, when it has the place that it waited for', async () => {
    assert.deepEqual(await follow({ steps: [start], waiting: 'ROUTE_MOVING' }), { rounds: ['goes on'], met: null });
    assert.deepEqual(await follow({ steps: [start], waiting: 'START_FAILED' }), { rounds: ['start'], met: null });
    assert.deepEqual(await follow({ steps: [start], waiting: 'PORT_MOVING', stopsSince: rolloutTo('v2').startedAt }), {
      rounds: ['goes on'],
      met: null,
    });
  });
});
