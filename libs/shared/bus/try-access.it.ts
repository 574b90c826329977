import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buckets, components, eventStream, type Identity, NodeName, type reconcilerCommands, ServiceName } from '../contracts/index.ts';
import { silentLog, startTestBus, type TestBus, waitUntil } from '../testing/index.ts';
import { createBus, type OwnedBus } from './connect.ts';

describe('trying what an identity may use on a real server', () => {
  let testBus: TestBus;
  const open: OwnedBus[] = [];

  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => {
    await Promise.all(open.map(async (bus) => await bus.close()));
    await testBus.close();
  });

  /** The bus of an identity, as its front door makes it. */
  function busOf(identity: Identity): OwnedBus {
    const keysFolder = testBus.keysFolder(identity);
    const bus = createBus({ identity, node: NodeName.parse('local'), instance: 'one', url: testBus.url, keysFolder, log: silentLog() });
    open.push(bus);
    return bus;
  }

  it('reaches every bucket of the catalogue, between all components, and changes nothing', async () => {
    const trials = (await Promise.all(components.map(async (component) => await busOf(component).tryBuckets()))).flat();
    for (const use of ['read', 'write']) {
      const tried = new Set(trials.filter((trial) => trial.use === use).map(({ bucket }) => bucket));
      assert.deepEqual([...tried].toSorted(), Object.keys(buckets).toSorted());
    }
    assert.deepEqual(
      trials.filter(({ problem }) => problem !== null),
      [],
    );
    await testBus.asOwner(async (manager) => {
      const info = await manager.streams.info('KV_services');
      // The epoch, and nothing else.
      assert.equal(info.state.messages, 1);
    });
  });

  it('tells what is refused from what works', async () => {
    const trials = await busOf('cli').tryBuckets();
    assert.deepEqual(trials, []);
    const state = await busOf('scheduler').durable('reconciler');
    assert.equal(state.kind, 'unusable');
    assert.equal(state.kind === 'unusable' && state.problem.kind, 'refused');
  });

  it('tells what waits in the durable consumer, and whether somebody reads', async () => {
    const reconciler = busOf('reconciler');
    const cli = await testBus.connect('cli');
    await cli.publish('deploy.requested', { service: ServiceName.parse('web') });
    assert.deepEqual(await reconciler.durable('reconciler'), { kind: 'there', waiting: 1, underWay: 0, readers: 0 });
    const reader = await reconciler.consume<(typeof reconcilerCommands)[number]>('reconciler', async () => ({ kind: 'done' }));
    await waitUntil(async () => {
      const state = await reconciler.durable('reconciler');
      return state.kind === 'there' && state.waiting === 0 && state.readers === 1;
    });
    await reader.close();
  });

  it('finds out when a bucket, the durable consumer or the stream is gone', async () => {
    const reconciler = busOf('reconciler');
    await testBus.asOwner(async (manager) => await manager.streams.delete('KV_bars'));
    const lost = (await reconciler.tryBuckets()).filter(({ problem }) => problem !== null);
    assert.deepEqual(
      lost.map(({ bucket, use, problem }) => [bucket, use, problem?.kind]),
      [
        ['bars', 'read', 'missing'],
        ['bars', 'write', 'missing'],
      ],
    );
    const kindOfDurable = async () => {
      const state = await reconciler.durable('reconciler');
      return state.kind === 'unusable' ? state.problem.kind : state.kind;
    };
    await testBus.asOwner(async (manager) => await manager.consumers.delete(eventStream, 'reconciler'));
    assert.equal(await kindOfDurable(), 'missing');
    await testBus.asOwner(async (manager) => await manager.streams.delete(eventStream));
    assert.equal(await kindOfDurable(), 'missing');
  });
});
