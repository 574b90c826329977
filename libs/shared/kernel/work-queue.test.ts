import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWorkQueue } from './work-queue.ts';

/** A pass that stays open until the test lets it go. */
function gated() {
  const started: string[] = [];
  const release: (() => void)[] = [];
  const work = async (key: string) => {
    started.push(key);
    await new Promise<void>((resolve) => release.push(resolve));
    return {};
  };
  return { started, release, work };
}

const settle = async () => await new Promise((resolve) => setImmediate(resolve));

describe('the work queue', () => {
  it('never works on one key twice at the same time, and once more when it was added meanwhile', async () => {
    const { started, release, work } = gated();
    const queue = createWorkQueue({ work, onError: () => ({}) });
    queue.add('web');
    await settle();
    queue.add('web');
    queue.add('web');
    await settle();
    assert.deepEqual(started, ['web']);
    release.shift()?.();
    await settle();
    assert.deepEqual(started, ['web', 'web']);
    release.shift()?.();
    await queue.close();
    assert.deepEqual(started, ['web', 'web']);
  });

  it('works on as many keys at once as it may', async () => {
    const { started, release, work } = gated();
    const queue = createWorkQueue({ concurrency: 2, work, onError: () => ({}) });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    assert.deepEqual(started, ['a', 'b']);
    release.shift()?.();
    await settle();
    assert.deepEqual(started, ['a', 'b', 'c']);
    for (const letGo of release) letGo();
    await queue.close();
  });

  it('looks again after a failure when told to', async () => {
    let passes = 0;
    let finished: () => void = () => undefined;
    const twice = new Promise<void>((resolve) => {
      finished = resolve;
    });
    const queue = createWorkQueue<string>({
      work: async () => {
        passes += 1;
        if (passes === 1) throw new Error('once');
        finished();
        return {};
      },
      onError: () => ({ requeueAfterMs: 1 }),
    });
    queue.add('web');
    await twice;
    await queue.close();
    assert.equal(passes, 2);
  });
});
