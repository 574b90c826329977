import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { waitUntil } from '@kedge/shared/testing';
import type { ContainerEngine } from './ports.ts';
import { createImagePuller } from './pull-images.ts';
import { declared } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { digestOf } from './testing/simulation.ts';

const clock = { now: () => new Date(0), monotonicMs: () => 0 };
const secrets = { resolve: async () => new Map(), registryCredentials: async () => null };

function image(version: string) {
  return { spec: declared(), digest: digestOf(version), source: 'registry' as const };
}

/** An engine whose pulls end when they are told to. */
function slowEngine() {
  const base = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  const open: { readonly digest: string; readonly end: (error?: Error) => void }[] = [];
  const engine: ContainerEngine = {
    ...base,
    async pull(request) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      open.push({ digest: request.digest, end: (error) => (error ? reject(error) : resolve()) });
      await promise;
      return await base.pull(request);
    },
  };
  return { engine, open };
}

// They wait side by side.
describe('a pull', { concurrency: true }, () => {
  it('is joined, not repeated, while it is under way', async () => {
    const { engine, open } = slowEngine();
    const puller = createImagePuller({ engine, secrets, atOnce: 2 });
    assert.equal(await puller.pull(image('v1')), 'running');
    assert.equal(open.length, 1);
    const joined = puller.pull(image('v1'));
    open[0]?.end();
    assert.equal(await joined, 'done');
    assert.equal(open.length, 1);
  });

  it('tells how it failed to whoever asks next, and begins anew after that', async () => {
    const { engine, open } = slowEngine();
    const puller = createImagePuller({ engine, secrets, atOnce: 2 });
    assert.equal(await puller.pull(image('v1')), 'running');
    open[0]?.end(new RetryableError('REGISTRY_ERROR', 'away'));
    await assert.rejects(puller.pull(image('v1')), { code: 'REGISTRY_ERROR' });
    const again = puller.pull(image('v1'));
    await waitUntil(() => open.length === 2);
    open[1]?.end();
    assert.equal(await again, 'done');
  });

  it('waits its turn', async () => {
    const { engine, open } = slowEngine();
    const puller = createImagePuller({ engine, secrets, atOnce: 1 });
    const both = [puller.pull(image('v1')), puller.pull(image('v2'))];
    await waitUntil(() => open.length === 1);
    open[0]?.end();
    await waitUntil(() => open.length === 2);
    open[1]?.end();
    assert.deepEqual(await Promise.all(both), ['done', 'done']);
  });

  it('is refused for an image that only the engine had', async () => {
    const puller = createImagePuller({ engine: slowEngine().engine, secrets, atOnce: 1 });
    await assert.rejects(puller.pull({ ...image('v1'), source: 'local' }), { code: 'IMAGE_GONE' });
  });
});
