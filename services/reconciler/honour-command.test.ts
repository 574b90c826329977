import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { open, proxied, said, serving, specOf } from './testing/stories.ts';

describe('a request to deploy', () => {
  it('is refused for a service that nobody declared', async () => {
    const simulation = await open();
    await assert.rejects(simulation.request('deploy', 'ask-1'), /rejected/);
    assert.equal(await simulation.record(), null);
  });

  it('says on whose behalf the rollout begins', async () => {
    const simulation = await serving(specOf({ ...proxied, dispenser: { watch: false } }));
    await simulation.accept('v2');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    const started = simulation.events.findLast(({ type }) => type === 'deploy.started.v1');
    const { cause } = (started?.data ?? {}) as { cause?: string };
    assert.deepEqual([cause, started?.causationid], ['requested', 'ask-1']);
  });

  it('runs a job now that only its schedule starts', async () => {
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 100, exitCode: 0 } });
    await simulation.declare(
      specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } }),
    );
    await simulation.accept('v1');
    await simulation.request('deploy', 'ask-1');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    assert.deepEqual(said(simulation, 'job.started', 'job.finished'), [1, 1]);
  });

  it('brings a failed first start forward', async () => {
    const behaviours = { v1: { readyAfterMs: null as number | null, endsAfterMs: 50 as number | null, exitCode: 1 } };
    const simulation = await open(behaviours);
    await simulation.declare(specOf(proxied));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 400_000 });
    Object.assign(behaviours.v1, { readyAfterMs: 10, endsAfterMs: null });
    const before = simulation.now();
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    assert.deepEqual(said(simulation, 'deploy.succeeded'), [1]);
    const succeededAt = Date.parse(simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.time ?? '');
    assert.ok(succeededAt - before < 5_000);
  });
});
