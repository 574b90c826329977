import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import { createPredecessorGuard } from './guard-predecessors.ts';
import { declared, rolloutTo } from './testing/observed.ts';
import { recordOf, worldOf } from './testing/world.ts';

/** Asks about a service with this record beside those that leave it a route. */
async function ask(record: Partial<ReleaseRecord>, leavers: readonly string[] = ['shop']): Promise<void> {
  const predecessors = async () => leavers.map((service) => ({ service, route: 'web.test/' }));
  const guard = createPredecessorGuard({ moves: { predecessors } });
  await guard(worldOf({ record: recordOf(record) }), { spec: declared() });
}

const rollout = rolloutTo('v2');

describe('the guard of predecessors', () => {
  it('refuses all while one runs', async () => {
    await assert.rejects(ask({ rollout }), {
      name: 'RetryableError',
      code: 'ROUTE_MOVING',
      message: /^its route web\.test\/ is that of shop/,
    });
  });

  it('lets everything go on when none does', async () => await ask({ rollout }, []));

  it('minds nobody where nothing takes over: a repair, what comes up after it was taken down', async () => {
    await ask({ rollout: null });
    await ask({ rollout, serving: null, comingUp: { release: rollout.release, since: rollout.startedAt } });
  });
});
