import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { Step } from './core/step.ts';
import { createPredecessorGuard } from './guard-predecessors.ts';
import { declared, rolloutTo } from './testing/observed.ts';
import { recordOf, worldOf } from './testing/world.ts';

const start: Step = { kind: 'start', id: 'c1' };
const stop: Step = { kind: 'stop', id: 'c0', reason: '', makesRoom: true };

interface Asked {
  readonly record: Partial<ReleaseRecord>;
  readonly leavers?: readonly string[];
  readonly step?: Step;
}

/** Asks about a service beside those that leave it a route. */
async function ask({ record, leavers = ['shop'], step = start }: Asked): Promise<void> {
  const predecessors = async () =>
    leavers.map((service) => ({ service, code: 'ROUTE_MOVING' as const, place: 'its route web.test/', isRestored: false }));
  const guard = createPredecessorGuard({ moves: { predecessors } });
  await guard(worldOf({ record: recordOf(record) }), { making: { spec: declared(), digest: rolloutTo('v2').digest }, steps: [step] });
}

describe('the guard of predecessors', () => {
  const rollout = rolloutTo('v2');
  const record = { rollout };

  it('lets nothing start, or stop for that, while one runs', async () => {
    for (const step of [start, stop])
      await assert.rejects(ask({ record, step }), {
        name: 'RetryableError',
        code: 'ROUTE_MOVING',
        message: /^its route web\.test\/ is that of shop/,
      });
  });

  it('lets a container be made meanwhile', async () => await ask({ record, step: { kind: 'create', slot: 0, name: 'web' } }));

  it('lets everything go on when none does', async () => await ask({ record, leavers: [] }));

  it('lets what comes back after it was gone not start beside one', async () => {
    const { release, image, digest, source, id, startedAt } = rolloutTo('v1');
    const serving = { release, image, digest, source, rollout: id, since: startedAt };
    await assert.rejects(ask({ record: { rollout: null, serving, comingUp: { release, since: startedAt } } }), { code: 'ROUTE_MOVING' });
  });

  it('minds nobody where nothing takes over: a repair, what comes up after it was taken down', async () => {
    await ask({ record: { rollout: null } });
    await ask({ record: { rollout, serving: null, comingUp: { release: rollout.release, since: rollout.startedAt } } });
  });
});
