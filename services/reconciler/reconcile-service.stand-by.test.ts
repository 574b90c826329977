import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, it } from 'node:test';
import { namedPoints } from '@kedge/shared/kernel';
import { assertServes, open, proxied, said, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';

const rolling = specOf(proxied);
const job = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });

/** Lets it go on until it rests, and tells every named point that it comes to. */
async function settleTelling(simulation: Watched, tell: (point: string) => void): Promise<void> {
  const listener = (point: unknown) => tell(String(point));
  subscribe(namedPoints, listener);
  try {
    await simulation.settle();
  } finally {
    unsubscribe(namedPoints, listener);
  }
}

async function beforeRollout(): Promise<Watched> {
  const simulation = await serving(rolling, {}, twoProxies);
  await simulation.accept('v2');
  return simulation;
}

async function beforeRun(): Promise<Watched> {
  // For longer than one that was overtaken is watched: what ends by itself was not done by anybody.
  const behaviour = { readyAfterMs: null, endsAfterMs: 120_000, exitCode: 0 };
  const simulation = await open({ v1: behaviour });
  await simulation.declare(job);
  await simulation.accept('v1');
  assert.equal(await simulation.claim(new Date(simulation.now()).toISOString(), job), true);
  return simulation;
}

async function stateOf(simulation: Watched): Promise<string> {
  return JSON.stringify([simulation.engine.all(), simulation.engine.starts(), await simulation.record(), await simulation.endpoints()]);
}

/** Every point right before something is done. */
async function pointsOf(begin: () => Promise<Watched>, kind: 'step' | 'run'): Promise<readonly string[]> {
  const points = new Set<string>();
  await settleTelling(await begin(), (point) => points.add(point));
  return [...points].filter((point) => point.startsWith(`${kind}.`) && point.endsWith(':before'));
}

/** Another instance takes over while this one is held up at the point; resolves when this one went on and came to rest. */
async function overtakenAt(simulation: Watched, at: string): Promise<void> {
  const before: Promise<string>[] = [];
  await settleTelling(simulation, (point) => {
    if (before.length > 0 || point !== at) return;
    simulation.standBy(true);
    before.push(stateOf(simulation));
  });
  assert.equal(before.length, 1, `it comes to ${at}`);
  assert.equal(await stateOf(simulation), await before[0], 'nothing was done any more');
}

describe('a reconciler that another one took over from', () => {
  it('does no further step of a rollout, at whichever it was held up', async () => {
    const points = await pointsOf(beforeRollout, 'step');
    assert.ok(points.includes('step.create:before') && points.includes('step.finish:before'), points.join(' '));
    for (const point of points) {
      const simulation = await beforeRollout();
      await overtakenAt(simulation, point);
      simulation.standBy(false);
      await simulation.settle();
      await assertServes(simulation, rolling, 'v2');
    }
  });

  it('does not run a job again, at whichever step it was held up', async () => {
    const points = await pointsOf(beforeRun, 'run');
    assert.ok(
      ['make', 'take', 'start', 'rename'].every((kind) => points.includes(`run.${kind}:before`)),
      points.join(' '),
    );
    for (const point of points) {
      const simulation = await beforeRun();
      await overtakenAt(simulation, point);
      simulation.standBy(false);
      await simulation.settle();
      assert.deepEqual(said(simulation, 'job.started', 'job.finished', 'job.skipped'), [1, 1, 0]);
      assert.equal(simulation.engine.starts(), 1);
    }
  });
});
