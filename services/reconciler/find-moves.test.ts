import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { open, specOf } from './testing/stories.ts';

/** So many services with a volume each get another name, and none of them can be stopped; what one look at the first of either costs. */
async function questionsAmong(count: number): Promise<{ readonly heir: number; readonly leaver: number }> {
  const simulation = await open();
  const named = (name: string) =>
    Array.from({ length: count }, (_, index) =>
      specOf({
        service: { name: index === 0 ? name : `${name}${index}`, stop_grace_period: '1s' },
        volume: [{ source: `./data${index}`, target: '/data' }],
      }),
    );
  await simulation.accept('v1');
  const [first, ...others] = named('web');
  assert.ok(first);
  await simulation.declare(first, ...others);
  await simulation.settle({ untilMs: 10_000 });
  simulation.engine.stop = async () => await Promise.reject(new RetryableError('ENGINE_ERROR', 'it cannot be stopped'));
  await simulation.declare(null, ...named('shop'));
  await simulation.settle({ untilMs: 10_000 });
  const costOf = async (service: string) => {
    const before = simulation.calls();
    await simulation.lookAt(service);
    return simulation.calls() - before;
  };
  return { heir: await costOf('shop'), leaver: await costOf('web') };
}

describe('a look at a service whose place moves', () => {
  it('asks store and engine as often among twenty moves as among two', async () => {
    const two = await questionsAmong(2);
    assert.ok(two.heir > 0 && two.leaver > 0);
    assert.deepEqual(await questionsAmong(20), two);
  });
});
