import assert from 'node:assert/strict';
import type { Bus } from '@kedge/shared/bus';
import type { CloudEvent } from '@kedge/shared/contracts';

const ends = ['deploy.succeeded', 'deploy.failed', 'deploy.superseded'] as const;

/** What the stream holds of the rollouts of a service; each event is there once, however often it was said. */
export async function rolloutEvents(bus: Bus, service: string, since: Date): Promise<readonly CloudEvent[]> {
  const all = await bus.recent({ since, subjects: ['deploy.started', ...ends] });
  return all.filter(({ subject }) => subject === service);
}

/** Each rollout began once and ended once. Returns how many there were. */
export function assertEachEndedOnce(events: readonly CloudEvent[]): number {
  const byRollout = Map.groupBy(events, ({ correlationid }) => correlationid);
  for (const [rollout, said] of byRollout) {
    const types = said.map(({ type }) => type);
    assert.deepEqual(types.filter((type) => type === 'deploy.started.v1').length, 1, `${rollout} began once: ${types.join(', ')}`);
    assert.equal(types.filter((type) => type !== 'deploy.started.v1').length, 1, `${rollout} ended once: ${types.join(', ')}`);
  }
  return byRollout.size;
}
