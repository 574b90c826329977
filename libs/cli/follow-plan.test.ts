import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply, ServiceName, ServiceStatus } from '@kedge/shared/contracts';
import { followPlan } from './follow-plan.ts';
import { createFakeBus, type FakeBus } from './testing/fake-bus.ts';
import { noPause } from './testing/run-line.ts';
import { digestB, releaseB, rollout, serviceStatus, statusReply, web } from './testing/samples.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const succeeded = { ...newer, durationMs: 4_200, drained: true, openRequests: 0 };
const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'under way', steps: [] };

interface World {
  readonly status?: (look: number) => readonly ServiceStatus[];
  readonly changes?: (look: number) => PlanReply['changes'];
}

function world({ status = () => [serviceStatus()], changes = () => [] }: World): FakeBus {
  let looks = 0;
  return createFakeBus({
    'status.services': () => {
      looks += 1;
      return statusReply({ services: [...status(looks)] });
    },
    'deploy.plan': () => ({ changes: changes(looks) }),
  });
}

async function follow(
  bus: FakeBus,
  begin: () => Promise<readonly ServiceName[]> = async () => [web],
  timeoutMs = 20_000,
  signal = new AbortController().signal,
) {
  const told: string[] = [];
  const ending = await followPlan({ bus, begin, tell: (line) => told.push(line), signal, pause: noPause, timeoutMs, graceMs: 0 });
  return { ...ending, told };
}

describe('followPlan', () => {
  it('ends when each service came to rest, without a single event', async () => {
    const { outcome, services, told } = await follow(world({ changes: (look) => (look < 3 ? [rolling] : []) }));
    assert.equal(outcome, 'done');
    assert.deepEqual(services, [{ service: web, ok: true, line: 'web is serving aaaaaaaaaaaa', lastLines: [] }]);
    assert.deepEqual(told, ['web: under way', 'web is serving aaaaaaaaaaaa']);
  });

  it('follows before it begins, so that no event is missed', async () => {
    const bus = world({ changes: () => [rolling] });
    const { outcome, services } = await follow(bus, async () => {
      bus.say('deploy.succeeded', succeeded, 'web');
      return [web, web];
    });
    assert.deepEqual([outcome, services.map(({ line }) => line)], ['done', ['web serves bbbbbbbbbbbb after 4.2 s']]);
  });

  it('does not take the run of a job for the end of its rollout', async () => {
    const bus = world({ changes: (look) => (look < 3 ? [rolling] : []) });
    const { services } = await follow(bus, async () => {
      bus.say('job.finished', { instant: '2026-03-01T12:00:00.000Z', exitCode: 7, durationMs: 1 }, 'web');
      return [web];
    });
    assert.deepEqual(
      services.map(({ ok }) => ok),
      [true],
    );
  });

  it('has nothing to wait for where nothing changes', async () => {
    assert.deepEqual(await follow(world({}), async () => []), { outcome: 'done', services: [], told: [] });
  });

  it('goes on while the reconciler is away, and tells it', async () => {
    const bus = world({
      status: (look) => {
        if (look === 1) throw new Error('restarting');
        return [serviceStatus()];
      },
    });
    const { outcome, told } = await follow(bus);
    assert.deepEqual([outcome, told[0]], ['done', 'restarting']);
  });

  it('ends in time, and says what it waited for', async () => {
    const { outcome, services } = await follow(world({ changes: () => [rolling] }), undefined, 0);
    assert.deepEqual(
      [outcome, services.map(({ line }) => line)],
      ['timeout', ['web is not there after 0 ms, and goes on by itself: under way']],
    );
  });

  it('ends when nobody watches any more', async () => {
    const { outcome } = await follow(world({ changes: () => [rolling] }), undefined, 20_000, AbortSignal.abort());
    assert.equal(outcome, 'interrupted');
  });
});
