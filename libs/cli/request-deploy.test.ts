import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageReference, type ServiceStatus } from '@kedge/shared/contracts';
import { createFakeBus, type FakeBus } from './testing/fake-bus.ts';
import { runLine } from './testing/run-line.ts';
import { digestA, digestB, releaseA, releaseB, rollout, serviceStatus, statusReply, web } from './testing/samples.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };

/** A world in which the registry names `digestB` and the service is as `status` says; `onAsked` is what the reconciler then does. */
function world({ status = serviceStatus(), onAsked }: { status?: ServiceStatus; onAsked?: (bus: FakeBus) => void }): FakeBus {
  const bus = createFakeBus(
    {
      'status.services': () => statusReply({ services: [status] }),
      'deploy.plan': () => ({ changes: [] }),
      'watcher.check': () => ({ checked: [{ reference: ImageReference.parse('hello:1'), state: 'present', digest: digestB }] }),
    },
    { onPublish: () => onAsked?.(bus) },
  );
  return bus;
}

function start(bus: FakeBus): void {
  bus.say('deploy.started', { ...newer, cause: 'requested', from: releaseA, strategy: 'start-first', reason: 'default' }, 'web');
}

describe('kedge deploy', () => {
  it('asks for nothing while everything is down', async () => {
    const down = { since: '2026-03-01T11:58:00.000Z' };
    const bus = createFakeBus({ 'status.services': () => statusReply({ down }) });
    const { exitCode, err } = await runLine(bus, 'deploy web --wait');
    assert.deepEqual([exitCode, bus.said], [1, []]);
    assert.match(err, /"kedge up" starts it again \[NODE_DOWN\]/);
  });

  it('asks in the name of whoever runs it, and says so', async () => {
    const bus = world({});
    const { exitCode, out } = await runLine(bus, 'deploy web --reason hotfix');
    assert.equal(exitCode, 0);
    assert.equal(out, 'Asked to deploy web; "kedge events --service web" shows what comes of it.\n');
    const [said] = bus.said;
    assert.deepEqual(
      { subject: said?.subject, data: said?.data },
      { subject: 'deploy.requested', data: { service: web, action: 'deploy', reason: 'hotfix' } },
    );
    assert.equal(said?.options?.actor, 'ann');
    assert.match(said?.options?.id ?? '', /^deploy\.requested\//);
  });

  it('says that a time to wait is no wish to wait', async () => {
    const { exitCode, err } = await runLine(world({}), 'deploy web --timeout 1m');
    assert.deepEqual([exitCode, err], [0, '--timeout has no effect without --wait\n']);
  });

  it('asks for nothing when there is no such service', async () => {
    const bus = world({});
    const { exitCode, err } = await runLine(bus, 'deploy wbe');
    assert.equal(exitCode, 1);
    assert.match(err, /did you mean "web"/);
    assert.deepEqual(bus.said, []);
  });

  it('leaves the request in the stream when the reconciler is away', async () => {
    const bus = createFakeBus();
    const { exitCode, err } = await runLine(bus, 'deploy web');
    assert.equal(exitCode, 0);
    assert.equal(bus.said.length, 1);
    assert.match(err, /waits for it in the stream/);
    const told = JSON.parse((await runLine(createFakeBus(), 'clear web --json')).out);
    assert.deepEqual([told.action, told.message], ['clear', 'the reconciler does not answer; the request waits for it in the stream']);
  });

  it('--wait shows how it goes and ends with success', async () => {
    const bus = world({
      onAsked: (asked) => {
        start(asked);
        asked.say('deploy.progressed', { ...newer, step: 'pull', message: 'pull' }, 'other');
        asked.say('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, 'web');
      },
    });
    const { exitCode, out } = await runLine(bus, 'deploy web --wait');
    assert.equal(exitCode, 0);
    assert.equal(out, 'deploy web\n  asking the registry\nweb serves bbbbbbbbbbbb after 4.2 s\n');
  });

  it('--wait fails with the last lines and what to do', async () => {
    const bus = world({
      onAsked: (asked) => {
        start(asked);
        asked.say(
          'deploy.failed',
          { ...newer, reason: 'crashed', message: 'exit code 1', exitCode: 1, lastLines: ['boom', 'bye'], barred: true },
          'web',
        );
      },
    });
    const { exitCode, out } = await runLine(bus, 'deploy web --wait');
    assert.equal(exitCode, 1);
    assert.match(
      out,
      /web failed: bbbbbbbbbbbb crashed: exit code 1 \(barred\)\n\nThe last lines of web:\n {2}boom\n {2}bye\nIt is not tried again by itself: .*"kedge clear web"/,
    );
  });

  it('--wait fails where what ran once ended with a failure, though it was rolled out', async () => {
    const reason = 'it ended with code 1; with restart = "no" it is not started again by itself';
    const bus = world({
      status: serviceStatus({ phase: 'failed', reason, routes: [], release: releaseB, digest: digestB }),
      onAsked: (asked) => {
        start(asked);
        asked.say('deploy.succeeded', { ...newer, durationMs: 700, drained: true, openRequests: 0 }, 'web');
      },
    });
    const { exitCode, out } = await runLine(bus, 'deploy web --wait');
    assert.equal(exitCode, 1);
    assert.ok(out.endsWith(`\nweb failed: ${reason}\n"kedge logs web" shows what it said.\n`), out);
  });

  it('--wait fails where everything is taken down meanwhile', async () => {
    let isDown = false;
    const down = { since: '2026-03-01T11:58:00.000Z' };
    const stopped = statusReply({ down, services: [serviceStatus({ phase: 'stopped' })] });
    const bus = createFakeBus(
      {
        'status.services': () => (isDown ? stopped : statusReply({ services: [serviceStatus()] })),
        'deploy.plan': () => ({ changes: [] }),
      },
      {
        onPublish: () => {
          isDown = true;
        },
      },
    );
    const { exitCode, out } = await runLine(bus, 'deploy web --wait');
    assert.equal(exitCode, 1);
    assert.match(out, /web is not started: everything was taken down meanwhile; "kedge up" starts it again/);
  });

  it('--wait --json prints each event and the end, one to a line', async () => {
    const bus = world({
      onAsked: (asked) => {
        start(asked);
        asked.say('deploy.succeeded', { ...newer, durationMs: 1, drained: true, openRequests: 0 }, 'web');
      },
    });
    const lines = (await runLine(bus, 'deploy web --wait --json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map((line) => line.type ?? line.outcome),
      ['deploy.started.v1', 'deploy.succeeded.v1', 'succeeded'],
    );
  });

  it('--wait follows the rollout that the first one made way for', async () => {
    const bus = world({
      onAsked: (asked) => {
        start(asked);
        asked.say('deploy.superseded', { ...newer, reason: 'another image is wanted', durationMs: 900 }, 'web');
        asked.say('deploy.succeeded', { ...newer, digest: digestA, durationMs: 1_000, drained: true, openRequests: 0 }, 'web');
      },
    });
    const { exitCode, out } = await runLine(bus, 'deploy web --wait');
    assert.equal(exitCode, 0);
    assert.match(out, /web serves aaaaaaaaaaaa after 1\.0 s\n$/);
  });

  it('--wait gives up after --timeout and says what it waited for, never that all is as it should be', async () => {
    for (const [digest, waitedFor] of [
      [digestA, 'bbbbbbbbbbbb is known, the reconciler has not taken it up yet'],
      [digestB, 'nothing has begun yet'],
    ] as const) {
      const { exitCode, out } = await runLine(world({ status: serviceStatus({ digest }) }), 'deploy web --wait --timeout 1ms');
      assert.equal(exitCode, 1);
      assert.ok(out.endsWith(`\nthe deploy of web has not ended after 1 ms, and goes on by itself: ${waitedFor}\n`), out);
      assert.doesNotMatch(out, /all replicas are ready/);
    }
  });

  it('--wait ends with Ctrl-C, which does not stop the deploy', async () => {
    const interrupt = new AbortController();
    const bus = world({ onAsked: () => interrupt.abort() });
    const { exitCode, out } = await runLine(bus, 'deploy web --wait', { signal: interrupt.signal });
    assert.equal(exitCode, 130);
    assert.match(out, /stopped watching; the deploy of web goes on by itself/);
  });
});

describe('kedge clear', () => {
  const barred = [{ release: releaseB, digest: digestB, message: 'crashed' }];
  const since = '2026-03-01T11:58:00.000Z';

  it('asks for the bars to be lifted', async () => {
    const bus = world({ status: serviceStatus({ barred }) });
    assert.equal((await runLine(bus, 'clear web')).out, 'Asked to clear web; "kedge events --service web" shows what comes of it.\n');
    assert.deepEqual(bus.said[0]?.data, { service: web, action: 'clear' });
  });

  it('asks for nothing where nothing is barred, and says so', async () => {
    const waiting = { code: 'PULL_FAILED', message: 'no route', since, retryAt: since, failures: 2 };
    for (const [status, more] of [
      [serviceStatus(), ''],
      [serviceStatus({ phase: 'waiting', waiting }), ' It waits: no route (PULL_FAILED); "kedge deploy web" tries again now.'],
    ] as const) {
      const bus = world({ status });
      const message = `Nothing to clear: no release of web is barred.${more}`;
      for (const line of ['clear web', 'clear web --wait'])
        assert.deepEqual(await runLine(bus, line), { exitCode: 0, out: `${message}\n`, err: '' });
      assert.deepEqual(JSON.parse((await runLine(bus, 'clear web --json')).out), { service: 'web', outcome: 'nothing', message });
      assert.deepEqual(bus.said, []);
    }
  });
});
