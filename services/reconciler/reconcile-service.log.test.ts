import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runKey } from '@kedge/shared/contracts';
import { inLogContext, logContext } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { node, web } from './testing/simulated-proxies.ts';
import { openSimulation } from './testing/simulation.ts';
import { specOf } from './testing/stories.ts';

/** A log whose lines can be read, with what they say themselves and what is known of the work that is done meanwhile. */
function readable() {
  const lines: Record<string, unknown>[] = [];
  const note = (facts: object, message: string) => void lines.push({ ...logContext(), ...facts, message });
  return { lines, log: Object.assign(silentLog(), { info: note, warn: note }) };
}

async function open() {
  const { lines, log } = readable();
  const behaviours = { v1: { endsAfterMs: 300 }, v2: {} };
  return { lines, simulation: await openSimulation({ behaviours, log, onViolation: assert.fail }) };
}

describe('a line of a pass', () => {
  it('names the rollout that it is about and the event that led to it, and nothing of the one before', async () => {
    const { lines, simulation } = await open();
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    for (const version of ['v1', 'v2']) {
      lines.length = 0;
      await simulation.accept(version);
      await inLogContext({ service: web }, async () => await simulation.settle());
      const { correlationid } = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1') ?? {};
      const steps = lines.filter(({ step }) => step !== undefined);
      assert.ok(correlationid !== undefined && steps.length > 3);
      for (const line of steps) assert.partialDeepStrictEqual(line, { service: web, correlationid, event: `image.updated/${version}` });
    }
  });

  it('names the run of a job, as its events do', async () => {
    const { lines, simulation } = await open();
    const spec = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });
    await simulation.declare(spec);
    await simulation.accept('v1');
    const instant = new Date(simulation.now()).toISOString();
    await simulation.claim(instant, spec);
    await simulation.settle();
    const correlationid = runKey({ node, service: web, instant });
    const steps = lines.filter(({ step }) => step !== undefined);
    assert.deepEqual(new Set(steps.map((line) => line.correlationid)), new Set([correlationid]));
    assert.ok(steps.some(({ step }) => step === 'start'));
    const events = simulation.events.filter(({ type }) => type.startsWith('job.'));
    assert.deepEqual(
      events.map((event) => event.correlationid),
      [correlationid, correlationid],
    );
  });
});
