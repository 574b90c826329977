import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { node } from './testing/simulated-proxies.ts';
import { neverReady, open, specOf } from './testing/stories.ts';

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

describe('a service whose image is that of another one, which never served and leaves', () => {
  it('starts when that has stopped, and says why: it may be the same one, with another name and another route', async () => {
    const alone = (name: string) =>
      specOf({
        service: { name, strategy: 'recreate' },
        proxy: { host: `${name}.test`, service_port: 80 },
        gate: [{ type: 'tcp', port: 80, healthy_deadline: '300s' }],
      });
    const simulation = await open({ v1: neverReady });
    await simulation.accept('v1');
    await simulation.declare(null, alone('admin'));
    await simulation.settle({ untilMs: 20_000 });
    const { stop } = simulation.engine;
    simulation.engine.stop = async () => await Promise.reject(new RetryableError('ENGINE_ERROR', 'it cannot be stopped'));
    await simulation.declare(null, alone('api'));
    await simulation.settle({ untilMs: 10_000 });
    const running = () => simulation.engine.all().flatMap(({ kedge, state }) => (state === 'running' ? (kedge?.service ?? '') : []));
    assert.deepEqual(running(), ['admin']);
    const record = await simulation.stores.releases.get(serviceKey(node, ServiceName.parse('api')));
    assert.match(record?.value.waiting?.message ?? '', /^its image is that of admin, which is declared no more and still runs/);
    simulation.engine.stop = stop;
    await simulation.settle({ untilMs: 30_000 });
    assert.deepEqual(running(), ['api']);
  });
});
