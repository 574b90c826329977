import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusReply } from '@kedge/shared/contracts';
import { Registry } from 'prom-client';
import { createReconcilerMetrics } from './metrics.ts';

const row = { service: 'web', reason: '', image: '', digest: null, source: null, release: null, replicas: { ready: 0, wanted: 0 } };
const rest = { since: null, routes: [], barred: [] };

function status(...phases: readonly string[]): StatusReply {
  return StatusReply.parse({
    node: 'local',
    engine: { reachable: true, message: '' },
    config: { revision: null, problem: null },
    foreign: [],
    proxies: [],
    services: phases.map((phase) => ({ ...row, ...rest, phase })),
  });
}

describe('the metrics of the reconciler', () => {
  it('count rollouts by outcome, and show services by their phase of now', async () => {
    const registry = new Registry();
    const metrics = createReconcilerMetrics(registry);
    metrics.rolloutEnded('succeeded');
    metrics.rolloutEnded('succeeded');
    metrics.show(status('rolling', 'serving'), 3);
    metrics.show(status('serving', 'serving'), 2);
    const text = await registry.metrics();
    for (const line of ['kedge_rollouts_total{outcome="succeeded"} 2', 'kedge_services{phase="serving"} 2', 'kedge_containers 2'])
      assert.ok(text.includes(line), line);
    assert.ok(!text.includes('phase="rolling"'), 'a phase that nobody is in any more is gone');
  });

  it('measure passes, also those that fail', async () => {
    const registry = new Registry();
    const metrics = createReconcilerMetrics(registry);
    assert.equal(await metrics.timed(async () => 7), 7);
    await assert.rejects(
      metrics.timed(async () => await Promise.reject(new Error('no'))),
      /no/,
    );
    assert.match(await registry.metrics(), /kedge_pass_seconds_count 2/);
  });
});
