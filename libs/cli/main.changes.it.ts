import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CloudEvent } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { type HalfStack, startHalfStack } from './testing/half-stack.ts';
import { startKedge } from './testing/run-process.ts';
import { digestB, releaseA, releaseB, rollout, web } from './testing/samples.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };

describe('kedge as a process that changes something, on a real bus', () => {
  let stack: HalfStack;
  before(async () => {
    stack = await startHalfStack();
  });
  after(async () => await stack.close());

  it('asks for a deploy in the name of whoever runs it, and follows it to its end', async () => {
    const asked: CloudEvent[] = [];
    stack.honourWith(async (command) => {
      asked.push(command);
      await stack.reconciler.publish(
        'deploy.started',
        { ...newer, cause: 'requested', from: releaseA, strategy: 'start-first', reason: 'default' },
        { service: 'web' },
      );
      await stack.reconciler.publish(
        'deploy.succeeded',
        { ...newer, durationMs: 4_200, drained: true, openRequests: 0 },
        { service: 'web' },
      );
    });
    const kedge = startKedge(['deploy', 'web', '--wait', '--reason', 'hotfix'], stack.environment);
    assert.equal(await kedge.ended, 0);
    assert.match(kedge.out(), /web serves bbbbbbbbbbbb after 4.2 s\n$/);
    assert.deepEqual(
      asked.map(({ actor, data }) => ({ actor, data })),
      [{ actor: 'ann', data: { service: 'web', action: 'deploy', reason: 'hotfix' } }],
    );
  });

  it('fails as the deploy fails, with the last lines', async () => {
    stack.honourWith(async () => {
      await stack.reconciler.publish(
        'deploy.failed',
        { ...newer, reason: 'crashed', message: 'exit code 1', exitCode: 1, lastLines: ['boom'], barred: true },
        { service: 'web' },
      );
    });
    const kedge = startKedge(['deploy', 'web', '--wait'], stack.environment);
    assert.equal(await kedge.ended, 1);
    assert.match(kedge.out(), /The last lines of web:\n {2}boom\n/);
  });

  it('says that a component does not answer', async () => {
    const kedge = startKedge(['apply', '--timeout', '100ms'], stack.environment);
    assert.equal(await kedge.ended, 2);
    assert.match(
      kedge.err(),
      /^waiting for an answer, and asking again: watcher did not .*\nerror: watcher did not answer config\.validate/,
    );
  });

  it('takes everything down in the name of whoever runs it', async () => {
    const asked: CloudEvent[] = [];
    stack.honourWith(async (command) => void asked.push(command));
    const kedge = startKedge(['-s', 'stop', '--yes', '--no-wait'], stack.environment);
    assert.equal(await kedge.ended, 0);
    await waitUntil(() => asked.length > 0);
    assert.deepEqual(
      asked.map(({ type, actor, data }) => ({ type, actor, data })),
      [{ type: 'node.requested.v1', actor: 'ann', data: { action: 'down' } }],
    );
  });

  it('finds the change that a reload put in force', async () => {
    stack.watcher.serve('config.validate', async () => {
      await stack.watcher.publish('config.changed', { revision: 'r2', added: [], changed: [web], removed: [] });
      return { ok: true, problems: [], services: [web], entry: 'kedge.toml', revision: 'r2' };
    });
    const kedge = startKedge(['reload', '--no-wait'], stack.environment);
    assert.deepEqual([await kedge.ended, kedge.out(), kedge.err()], [0, 'In force: changed web.\n', '']);
  });
});
