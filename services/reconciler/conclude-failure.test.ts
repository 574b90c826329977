import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordingLog } from '@kedge/shared/testing';
import { createConcluder } from './conclude-failure.ts';
import type { Failure } from './record-failure.ts';
import { container, releaseOf, rolloutTo } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { recordOf, worldOf } from './testing/world.ts';

const exited = container({ state: 'exited', exitCode: 3, kedge: { release: releaseOf('v2') } });
const world = worldOf({ record: recordOf({ rollout: rolloutTo('v2') }), containers: [exited] });

async function conclude(given: Parameters<ReturnType<typeof createConcluder>>[1], fault?: Error) {
  const failures: Failure[] = [];
  const clock = { now: () => new Date(0), monotonicMs: () => 0 };
  const simulated = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  async function logs() {
    if (fault) throw fault;
    return ['the last words'];
  }
  const { log, lines } = recordingLog();
  const fail = async (_world: unknown, failure: Failure) => void failures.push(failure);
  const recorder = { fail, abandon: async () => undefined, restored: async () => undefined };
  await createConcluder({ engine: { ...simulated, logs }, failures: recorder, log })(world, given);
  return { failure: failures[0], lines };
}

describe('a verdict', () => {
  const verdict = { reason: 'crashed' as const, message: 'it crashed', policy: 'always' as const };

  it('is told with the code and the last words of the container', async () => {
    const { failure } = await conclude({ ...verdict, container: exited });
    assert.partialDeepStrictEqual(failure, { verdict: 'crashed', exitCode: 3, lastLines: ['the last words'] });
  });

  it('is told although its last words cannot be read', async () => {
    const { failure, lines } = await conclude({ ...verdict, container: exited }, new Error('no'));
    assert.deepEqual([failure?.message, failure?.lastLines, lines.length], ['it crashed', [], 1]);
  });

  it('finds the container by itself when a crash kept the one who knew it from telling', async () =>
    assert.equal((await conclude(verdict)).failure?.exitCode, 3));
});
