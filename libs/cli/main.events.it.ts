import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ImageReference } from '@kedge/shared/contracts';
import { startTestBus, waitUntil } from '@kedge/shared/testing';
import { type HalfStack, startHalfStack } from './testing/half-stack.ts';
import { startKedge } from './testing/run-process.ts';
import { digestB, releaseB, rollout, web } from './testing/samples.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const image = ImageReference.parse('hello:1');

describe('kedge events as a process, on a real bus', () => {
  let stack: HalfStack;
  before(async () => {
    stack = await startHalfStack();
  });
  after(async () => await stack.close());

  /** A core subscription hears nothing from before it: it is said until it was heard. */
  async function sayThatImageCame(): Promise<void> {
    const update = { reference: image, digest: digestB, platformDigest: digestB, previous: null, services: [web] };
    await stack.watcher.publish('image.updated', update);
  }

  it('follows events of every component', async () => {
    const kedge = startKedge(['events', '--json', '--limit', '1', 'image.updated'], stack.environment);
    let ended = false;
    void kedge.ended.then(() => {
      ended = true;
    });
    await waitUntil(async () => {
      await sayThatImageCame();
      return ended;
    });
    assert.equal(await kedge.ended, 0);
    assert.equal(JSON.parse(kedge.out()).data.digest, digestB);
  });

  for (const identity of ['cli', 'hooks'] as const) {
    it(`tells ${identity} what was stored, oldest first, and goes on without repeating`, async () => {
      const say = async (step: string) =>
        await stack.reconciler.publish('deploy.progressed', { ...newer, step, message: step }, { service: web });
      await say('pull');
      await say('create');
      const reader = { ...stack.environment, KEDGE_KEYS: stack.testBus.keysFolder(identity), KEDGE_IDENTITY: identity };
      const words = ['events', 'deploy.progressed', '--json', '--since', '10m'];
      const stepsOf = (out: string) =>
        out
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line).data.step);
      const past = startKedge([...words, '--no-follow'], reader);
      assert.equal(await past.ended, 0);
      assert.deepEqual(stepsOf(past.out()).slice(-2), ['pull', 'create']);

      const all = stepsOf(past.out());
      const following = startKedge([...words, '--limit', String(all.length + 1)], reader);
      await waitUntil(() => following.out().split('\n').length > all.length);
      await say('start');
      assert.equal(await following.ended, 0);
      assert.deepEqual(stepsOf(following.out()), [...all, 'start']);
    });
  }

  for (const identity of ['cli', 'hooks'] as const) {
    it(`tells ${identity} at once that nobody knows a service, and what the stream has of one that is gone`, async () => {
      const reader = { ...stack.environment, KEDGE_KEYS: stack.testBus.keysFolder(identity), KEDGE_IDENTITY: identity };
      const unknown = startKedge(['events', '--service', 'wbe'], reader);
      assert.equal(await unknown.ended, 1);
      assert.match(
        unknown.err(),
        /there is no service "wbe", and no word of it in the newest \d+ stored events? of the last day; did you mean "web"\? \[SERVICE_UNKNOWN\]/,
      );

      await stack.reconciler.publish('deploy.progressed', { ...newer, step: 'pull', message: 'pull' }, { service: 'gone' });
      const removed = startKedge(['events', '--service', 'gone', '--since', '10m', '--no-follow'], reader);
      assert.equal(await removed.ended, 0);
      assert.match(removed.out(), /deploy\.progressed +gone {2}pull/);
    });
  }

  it('ends quietly when nobody reads on', async () => {
    const kedge = startKedge(['events', 'image'], stack.environment);
    let ended = false;
    void kedge.ended.then(() => {
      ended = true;
    });
    await waitUntil(async () => {
      await sayThatImageCame();
      if (kedge.out() !== '') kedge.stopReading();
      return ended;
    });
    assert.deepEqual([await kedge.ended, kedge.err()], [0, '']);
  });

  it('may follow each subject that it offers', async () => {
    const kedge = startKedge(['events', '--for', '300ms'], { ...stack.environment, KEDGE_LOG_LEVEL: 'warn' });
    assert.equal(await kedge.ended, 0);
    assert.equal(kedge.err(), '');
  });

  it('ends on Ctrl-C', async () => {
    const kedge = startKedge(['events'], { ...stack.environment, KEDGE_LOG_LEVEL: 'info' });
    await waitUntil(() => kedge.err().includes('connected to the bus'));
    kedge.interrupt();
    assert.equal(await kedge.ended, 130);
  });

  it('ends on Ctrl-C without a complaint when the stack was stopped meanwhile', async () => {
    const stopped = await startTestBus();
    try {
      const kedge = startKedge(['events'], {
        KEDGE_BUS_URL: stopped.url,
        KEDGE_KEYS: stopped.keysFolder('cli'),
        KEDGE_LOG_LEVEL: 'info',
      });
      await waitUntil(() => kedge.err().includes('connected to the bus'));
      await stopped.container.stop();
      await waitUntil(() => kedge.err().includes('waiting for it to come back'));
      kedge.interrupt();
      assert.equal(await kedge.ended, 130);
      assert.doesNotMatch(kedge.err(), /error:/);
    } finally {
      await stopped.close();
    }
  });
});
