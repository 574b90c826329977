import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply } from '@kedge/shared/contracts';
import { createFakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { digestB, releaseB, rollout, serviceStatus, statusReply, web } from '../testing/samples.ts';

const since = '2026-03-01T11:58:00.000Z';
const stopped = serviceStatus({ phase: 'stopped', replicas: { ready: 0, wanted: 1 } });
const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };

/** A reconciler that takes up the request two looks later, and then starts the one service. */
function reconciler() {
  let looks = 0;
  const bus = createFakeBus({
    'status.services': () => {
      looks += 1;
      if (looks === 4) bus.say('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, 'web');
      return looks < 3 ? statusReply({ down: { since }, services: [stopped] }) : statusReply({ services: [serviceStatus()] });
    },
    'deploy.plan': () => ({ changes: [] }),
  });
  return bus;
}

describe('kedge up', () => {
  it('waits until the reconciler has taken it up, then for each service', async () => {
    const bus = reconciler();
    const { exitCode, out } = await runLine(bus, 'up');
    assert.equal(exitCode, 0);
    assert.match(out, /^up\n.*web serves bbbbbbbbbbbb after 4.2 s\n1 service done: web\.\n$/s);
    assert.deepEqual(
      bus.said.map(({ subject, data, options }) => [subject, data, options?.actor]),
      [['node.requested', { action: 'up' }, 'ann']],
    );
  });

  it('tells what is done meanwhile, and not why a release stays', async () => {
    const reason = 'watch = false stays with the first digest';
    const repair: PlanReply['changes'][number] = { service: web, action: 'repair', reason, steps: [] };
    const plans: PlanReply['changes'][] = [
      [{ ...repair, steps: ['create web.11111111.0'] }],
      [{ ...repair, waits: ['it has to run for a while, looking again in 2.9 s'] }],
      [{ ...repair, waits: ['it has to run for a while, looking again in 1.9 s'] }],
    ];
    let looks = 0;
    const bus = createFakeBus({
      'status.services': () => {
        looks += 1;
        if (looks === 6) bus.say('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, 'web');
        return looks < 2 ? statusReply({ down: { since }, services: [stopped] }) : statusReply();
      },
      'deploy.plan': () => ({ changes: plans.shift() ?? [] }),
    });
    assert.deepEqual((await runLine(bus, 'up')).out.split('\n'), [
      'up',
      '  web: create web.11111111.0',
      '  web: it has to run for a while',
      '  web serves bbbbbbbbbbbb after 4.2 s',
      '1 service done: web.',
      '',
    ]);
  });

  it('answers programs with one object, and talks beside it', async () => {
    const { exitCode, out, err } = await runLine(reconciler(), 'up --json');
    const { ok, outcome, services } = JSON.parse(out);
    assert.deepEqual(
      [exitCode, ok, outcome, services.map(({ line }: { line: string }) => line)],
      [0, true, 'done', ['web serves bbbbbbbbbbbb after 4.2 s']],
    );
    assert.match(err, /^up\n.*1 service done: web\.\n$/s);
    assert.equal(JSON.parse((await runLine(reconciler(), 'up --json --no-wait')).out).outcome, 'going');
  });

  it('asks again while nobody answers, before and after', async () => {
    let looks = 0;
    const bus = createFakeBus(
      {
        'status.services': () => {
          looks += 1;
          return statusReply(looks < 2 ? { down: { since }, services: [stopped] } : { services: [] });
        },
        'deploy.plan': () => ({ changes: [] }),
      },
      { lost: (_subject, asked) => asked === 1 || asked === 3 },
    );
    const { exitCode, out, err } = await runLine(bus, 'up');
    const line = 'waiting for an answer, and asking again: reconciler did not answer status.services: no responders';
    assert.deepEqual([exitCode, out, err], [0, `up\n  ${line}\nNothing had to be done.\n`, `${line}\n`]);
    const away = await runLine(createFakeBus(), 'up --no-wait');
    assert.deepEqual([away.exitCode, /\[REQUEST_UNANSWERED\]/.test(away.err)], [2, true]);
  });

  it('is content with an older release that serves again, and says that the newest stays barred', async () => {
    const barred = [{ release: releaseB, digest: digestB, message: 'it was not ready within 20 s' }];
    let looks = 0;
    const bus = createFakeBus({
      'status.services': () => {
        looks += 1;
        return looks < 2 ? statusReply({ down: { since }, services: [stopped] }) : statusReply({ services: [serviceStatus({ barred })] });
      },
      'deploy.plan': () => ({ changes: [] }),
    });
    const { exitCode, out } = await runLine(bus, 'up');
    assert.equal(exitCode, 0);
    assert.match(out, /web serves aaaaaaaaaaaa; the newest release stays barred\n1 service done: web\.\n$/);
  });

  it('has nothing to do when nothing was taken down', async () => {
    const bus = createFakeBus({ 'status.services': () => statusReply() });
    assert.deepEqual(await runLine(bus, 'up'), { exitCode: 0, out: 'Nothing to do: nothing was taken down.\n', err: '' });
    assert.deepEqual(bus.said, []);
  });

  it('does not wait when it is told so, and not for ever', async () => {
    assert.match((await runLine(reconciler(), 'up --no-wait')).out, /^Asked to start everything again/);
    const stuck = createFakeBus({
      'status.services': () => statusReply({ down: { since }, services: [stopped] }),
      'deploy.plan': () => ({ changes: [] }),
    });
    const { exitCode, err } = await runLine(stuck, 'up --timeout 1ms');
    assert.equal(exitCode, 1);
    assert.match(err, /waits for it in the stream.*\[STILL_DOWN\]/);
    assert.equal((await runLine(stuck, 'up', { signal: AbortSignal.abort() })).exitCode, 130);
  });
});
