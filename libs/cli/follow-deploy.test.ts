import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CheckReply, ImageReference, type ServiceStatus } from '@kedge/shared/contracts';
import { followDeploy } from './follow-deploy.ts';
import { createFakeBus, type FakeBus } from './testing/fake-bus.ts';
import { noon } from './testing/recording-terminal.ts';
import { noPause } from './testing/run-line.ts';
import { digestA, digestB, releaseA, releaseB, rollout, serviceStatus, statusReply, web } from './testing/samples.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const barred = [{ release: releaseB, digest: digestB, message: 'crashed' }];

const goOn = new AbortController().signal;

interface World {
  readonly services: () => ServiceStatus[];
  /** Between the answer of the reconciler and its arrival. */
  readonly onAsked?: () => void;
  readonly checked?: CheckReply['checked'];
}

function world({ services, onAsked = () => undefined, checked = [] }: World): FakeBus {
  return createFakeBus({
    'watcher.check': () => ({ checked }),
    'status.services': () => {
      const reply = statusReply({ services: services() });
      onAsked();
      return reply;
    },
    'deploy.plan': () => ({ changes: [] }),
  });
}

interface Following {
  readonly ask?: () => void;
  readonly action?: 'deploy' | 'clear';
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

async function follow(bus: FakeBus, { ask = () => undefined, action = 'deploy', timeoutMs = 20_000, signal = goOn }: Following = {}) {
  const told: string[] = [];
  const news: string[] = [];
  const ending = await followDeploy({
    bus,
    service: web,
    action,
    ask: async () => ask(),
    tell: (line, { isNews = true } = {}) => {
      told.push(line);
      if (isNews) news.push(line);
    },
    heard: () => undefined,
    signal,
    pause: noPause,
    timeoutMs,
    now: () => noon,
    graceMs: 0,
  });
  return { ...ending, told, news };
}

describe('followDeploy', () => {
  it('recognises that nothing is left to do', async () => {
    const { outcome, ok, line } = await follow(world({ services: () => [serviceStatus()] }));
    assert.deepEqual({ outcome, ok, line }, { outcome: 'nothing', ok: true, line: 'Nothing to do: web is serving aaaaaaaaaaaa already.' });
  });

  describe('while the registry cannot be asked', () => {
    const trouble = { code: 'REGISTRY_UNREACHABLE', message: 'connection refused', since: noon.toISOString() };
    const away: CheckReply['checked'] = [{ reference: ImageReference.parse('hello:1'), state: 'unreachable', digest: null, trouble }];
    const serving = () => [serviceStatus()];

    it('does not say that nothing is left to do, but what serves meanwhile', async () => {
      const { outcome, ok, line, advice } = await follow(world({ services: serving, checked: away }));
      assert.deepEqual([outcome, ok], ['failed', false]);
      assert.match(line, /could not be asked.*: connection refused \(REGISTRY_UNREACHABLE\); web is serving aaaaaaaaaaaa meanwhile/);
      assert.match(advice ?? '', /kedge check web/);
    });

    it('believes the status when the watcher is silent', async () => {
      const registry = { state: 'unreachable', code: 'REGISTRY_UNREACHABLE', message: 'timed out' } as const;
      assert.match((await follow(world({ services: () => [serviceStatus({ registry })] }))).line, /could not be asked.*: timed out/);
    });

    it('lifts bars all the same', async () => {
      assert.equal((await follow(world({ services: serving, checked: away }), { action: 'clear' })).outcome, 'nothing');
    });
  });

  it('follows before it asks, so that no event is missed', async () => {
    const bus = world({ services: () => [serviceStatus({ phase: 'rolling' })] });
    const ask = () => bus.say('deploy.succeeded', { ...newer, durationMs: 1, drained: true, openRequests: 0 }, 'web');
    const { outcome } = await follow(bus, { ask });
    assert.equal(outcome, 'succeeded');
  });

  it('ends in time although events come faster than answers', async () => {
    const stopping = new AbortController();
    let looks = 0;
    const onAsked = () => {
      looks += 1;
      if (looks > 20) stopping.abort();
      bus.say('deploy.progressed', { ...newer, step: 'pulling', message: `part ${looks}` }, 'web');
    };
    const bus = world({ services: () => [serviceStatus({ phase: 'rolling' })], onAsked });
    assert.equal((await follow(bus, { timeoutMs: 0, signal: stopping.signal })).outcome, 'timeout');
  });

  it('does not take an answer from before an event for the answer to it', async () => {
    // The status still shows the bar of the attempt before; the rollout that starts meanwhile is another attempt at the same release.
    let looks = 0;
    const bus: FakeBus = world({
      services: () =>
        looks === 0 ? [serviceStatus({ phase: 'rolling', barred })] : [serviceStatus({ release: releaseB, digest: digestB })],
      onAsked: () => {
        looks += 1;
        if (looks === 1)
          bus.say('deploy.started', { ...newer, cause: 'requested', from: releaseA, strategy: 'start-first', reason: 'x' }, 'web');
      },
    });
    assert.equal((await follow(bus)).outcome, 'succeeded');
  });

  it('says of what ran to its end that it completed, also where that was told during a look', async () => {
    let looks = 0;
    const bus: FakeBus = world({
      services: () => [serviceStatus(looks === 0 ? { phase: 'rolling' } : { phase: 'completed', release: releaseB, digest: digestB })],
      onAsked: () => {
        looks += 1;
        if (looks === 1) bus.say('deploy.succeeded', { ...newer, durationMs: 1_200, drained: true, openRequests: 0 }, 'web');
      },
    });
    assert.equal((await follow(bus)).line, 'web completed bbbbbbbbbbbb after 1.2 s');
  });

  it('follows the run of a job, and none that was due before', async () => {
    const bus = world({ services: () => [serviceStatus({ phase: 'rolling' })] });
    const ask = () => {
      bus.say('job.finished', { instant: '2026-03-01T11:59:59.000Z', exitCode: 7, durationMs: 1 }, 'web');
      bus.say('job.finished', { instant: '2026-03-01T12:00:00.000Z', exitCode: 0, durationMs: 1 }, 'web');
    };
    const { outcome, line } = await follow(bus, { ask });
    assert.deepEqual([outcome, line], ['succeeded', 'web: the run of 2026-03-01T12:00:00.000Z ended with exit code 0 after 0.0 s']);
  });

  it('fails when the service is no longer declared', async () => {
    const { outcome, line } = await follow(world({ services: () => [] }));
    assert.deepEqual([outcome, line], ['failed', 'web is no longer declared']);
  });

  it('goes on while the reconciler is away, and tells it', async () => {
    let looks = 0;
    const services = () => {
      looks += 1;
      if (looks === 1) throw new Error('restarting');
      return [serviceStatus({ digest: digestA })];
    };
    const bus = world({ services });
    const { outcome, told } = await follow(bus);
    assert.equal(outcome, 'nothing');
    assert.deepEqual(told, ['asking the registry', 'waiting for an answer, and asking again: restarting']);
  });

  it('has no news where only the time of the next try is another one', async () => {
    let looks = 0;
    const waiting = { code: 'PULL_FAILED', message: 'no route', since: noon.toISOString(), failures: 1 };
    const bus = world({
      services: () => {
        looks += 1;
        if (looks === 4) return [serviceStatus()];
        return [serviceStatus({ phase: 'waiting', waiting: { ...waiting, retryAt: `2026-03-01T12:00:${30 - looks}.000Z` } })];
      },
    });
    const { told, news } = await follow(bus);
    assert.equal(told.filter((line) => line.startsWith('waiting: no route (PULL_FAILED); next try in ')).length, 3);
    assert.equal(news.filter((line) => line.startsWith('waiting: ')).length, 1);
  });
});
