import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply, ValidateReply } from '@kedge/shared/contracts';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { digestB, releaseB, rollout, statusReply, web } from '../testing/samples.ts';

const fine: ValidateReply = { ok: true, problems: [], services: [web], revision: 'r1' };
const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };

describe('kedge apply with something planned', () => {
  const rolling: PlanReply['changes'][number] = {
    service: web,
    action: 'roll',
    strategy: 'start-first',
    reason: 'image-updated',
    steps: [],
  };
  /** A reconciler that is done after it was asked for the plan a second time, saying what came of it. */
  function reconciler(say: (bus: FakeBus) => void): FakeBus {
    let plans = 0;
    const bus: FakeBus = createFakeBus({
      'config.validate': () => fine,
      'status.services': () => statusReply(),
      'deploy.plan': () => {
        plans += 1;
        if (plans === 2) say(bus);
        return { changes: plans < 3 ? [rolling] : [] };
      },
    });
    return bus;
  }

  it('needs no yes to what goes on by itself, shows it, and waits for its end', async () => {
    const bus = reconciler((each) => each.say('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, 'web'));
    const { exitCode, out, err } = await runLine(bus, 'apply');
    assert.deepEqual([exitCode, err], [0, '']);
    assert.deepEqual(out.split('\n'), [
      'web: roll, start-first (image-updated)',
      '1 to roll.',
      'apply',
      '  web serves bbbbbbbbbbbb after 4.2 s',
      '1 service done: web.',
      '',
    ]);
  });

  it('tells programs how each service ended', async () => {
    const bus = reconciler((each) => each.say('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, 'web'));
    const { out, err } = await runLine(bus, 'apply --json');
    const { outcome, services } = JSON.parse(out);
    assert.deepEqual(
      [outcome, services],
      ['done', [{ service: 'web', ok: true, line: 'web serves bbbbbbbbbbbb after 4.2 s', lastLines: [], tookMs: 4_200 }]],
    );
    assert.match(err, /^web: roll.*1 service done: web\.\n$/s);
    const going = await runLine(
      reconciler(() => undefined),
      'apply --no-wait --json',
    );
    assert.deepEqual([going.exitCode, JSON.parse(going.out).outcome, JSON.parse(going.out).plan.changes.length], [0, 'going', 1]);
  });

  it('fails as a rollout fails, with its last lines', async () => {
    const failure = { ...newer, reason: 'crashed' as const, message: 'exit code 1', lastLines: ['boom'], barred: true };
    const { exitCode, out } = await runLine(
      reconciler((bus) => bus.say('deploy.failed', failure, 'web')),
      'apply',
    );
    assert.equal(exitCode, 1);
    assert.match(out, /1 of 1 service failed: web\.\n {2}- web failed: .* crashed: exit code 1 .*\n {6}boom\n.*kedge clear web/);
  });

  it('does not wait when it is told so, and not for ever', async () => {
    assert.equal(
      (
        await runLine(
          reconciler(() => undefined),
          'apply --no-wait',
        )
      ).out,
      'web: roll, start-first (image-updated)\n1 to roll.\n',
    );
    const stuck = createFakeBus({
      'config.validate': () => fine,
      'status.services': () => statusReply(),
      'deploy.plan': () => ({ changes: [rolling] }),
    });
    const { exitCode, out } = await runLine(stuck, 'apply --timeout 1ms');
    assert.equal(exitCode, 1);
    assert.match(out, /web is not there after 1 ms, and goes on by itself: image-updated/);
  });
});
