import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply, ServiceStatus } from '@kedge/shared/contracts';
import { followPlan } from './follow-plan.ts';
import { createFakeBus, type FakeBus } from './testing/fake-bus.ts';
import { noon } from './testing/recording-terminal.ts';
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

type Given = Partial<Pick<Parameters<typeof followPlan>[0], 'begin' | 'now' | 'timeoutMs' | 'signal'>>;

async function follow(bus: FakeBus, given: Given = {}) {
  const told: string[] = [];
  const ending = await followPlan({
    bus,
    begin: async () => [web],
    now: () => noon,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    ...given,
    tell: (line) => told.push(line),
    pause: noPause,
    graceMs: 0,
  });
  return { ...ending, told };
}

describe('followPlan', () => {
  it('ends when each service came to rest, without a single event', async () => {
    const { outcome, services, told } = await follow(world({ changes: (look) => (look < 3 ? [rolling] : []) }));
    assert.equal(outcome, 'done');
    const line = 'web is serving aaaaaaaaaaaa after 0 ms';
    assert.deepEqual(services, [{ service: web, ok: true, line, lastLines: [], tookMs: 0 }]);
    assert.deepEqual(told, ['web: under way', line]);
  });

  it('says apart what a service waited for and what its change took', async () => {
    // Each look is a minute later: two of them find something in the way of a rollout that began before.
    let now = noon;
    const minutes = (amount: number) => new Date(noon.getTime() + amount * 60_000);
    const waiting = {
      code: 'REGISTRY_ERROR',
      message: 'away',
      since: noon.toISOString(),
      retryAt: minutes(9).toISOString(),
      failures: 1,
    };
    const bus: FakeBus = createFakeBus(
      {
        'status.services': () => {
          now = new Date(now.getTime() + 60_000);
          if (now.getTime() === minutes(3).getTime()) bus.say('deploy.succeeded', { ...succeeded, durationMs: 180_000 }, 'web');
          return statusReply({ services: [now < minutes(3) ? serviceStatus({ phase: 'waiting', waiting }) : serviceStatus()] });
        },
        'deploy.plan': () => ({ changes: [rolling] }),
      },
      { now: () => now },
    );
    const { services } = await follow(bus, { now: () => now });
    assert.deepEqual(services, [
      {
        service: web,
        ok: true,
        line: 'web serves bbbbbbbbbbbb after 60.0 s; before that it waited 2 min',
        lastLines: [],
        tookMs: 60_000,
        waitedMs: 120_000,
      },
    ]);
  });

  it('follows before it begins, so that no event is missed', async () => {
    const bus = world({ changes: () => [rolling] });
    const begin = async () => {
      bus.say('deploy.succeeded', succeeded, 'web');
      return [web, web];
    };
    const { outcome, services } = await follow(bus, { begin });
    assert.deepEqual([outcome, services.map(({ line }) => line)], ['done', ['web serves bbbbbbbbbbbb after 4.2 s']]);
  });

  it('does not take the run of a job for the end of its rollout', async () => {
    const bus = world({ changes: (look) => (look < 3 ? [rolling] : []) });
    const begin = async () => {
      bus.say('job.finished', { instant: '2026-03-01T12:00:00.000Z', exitCode: 7, durationMs: 1 }, 'web');
      return [web];
    };
    const { services } = await follow(bus, { begin });
    assert.deepEqual(
      services.map(({ ok }) => ok),
      [true],
    );
  });

  it('has nothing to wait for where nothing changes', async () => {
    assert.deepEqual(await follow(world({}), { begin: async () => [] }), { outcome: 'done', services: [], told: [] });
  });

  it('goes on while the reconciler is away, and tells it', async () => {
    const bus = world({
      status: (look) => {
        if (look === 1) throw new Error('restarting');
        return [serviceStatus()];
      },
    });
    const { outcome, told } = await follow(bus);
    assert.deepEqual([outcome, told[0]], ['done', 'waiting for an answer, and asking again: restarting']);
  });

  it('ends in time, and says what it waited for', async () => {
    const { outcome, services } = await follow(world({ changes: () => [rolling] }), { timeoutMs: 0 });
    assert.deepEqual(
      [outcome, services.map(({ line }) => line)],
      ['timeout', ['web is not there after 0 ms, and goes on by itself: under way']],
    );
  });

  it('ends when nobody watches any more', async () => {
    const { outcome } = await follow(world({ changes: () => [rolling] }), { signal: AbortSignal.abort() });
    assert.equal(outcome, 'interrupted');
  });

  it('fails where the plan tells that the image of a running service is not there', async () => {
    const problem = { code: 'IMAGE_UNRESOLVED', message: 'the registry has no image hello:typo' };
    const { outcome, services } = await follow(world({ changes: () => [{ ...rolling, problem }] }));
    assert.equal(outcome, 'failed');
    const line = 'web stays as it is: the registry has no image hello:typo (IMAGE_UNRESOLVED)';
    assert.deepEqual(
      services.map((each) => [each.line, each.advice?.startsWith('Push that image')]),
      [[line, true]],
    );
  });
});
