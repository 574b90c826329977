import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NodeName, ServiceName } from '@kedge/shared/contracts';
import { labels } from '../ports.ts';
import { type EngineWorkbench, openWorkbench, present, serviceOf } from './testing/engine-workbench.ts';

describe('containers of a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  it('lives from creation to removal, and every step may be repeated', async () => {
    const { engine, plan, node, ours } = bench;
    const planned = plan('life', 20);
    const made = await engine.create(planned);
    assert.equal(made.state, 'created');
    assert.equal(made.name, planned.name);
    assert.equal(made.address, planned.address);
    assert.equal(made.hasAlias, false);
    assert.equal(made.exitCode, null);
    assert.equal(made.startedAt, null);
    assert.equal(made.kedge?.service, serviceOf(bench.run));
    assert.equal((await engine.create(planned)).id, made.id, 'the same rollout finds its own container');

    await engine.start(made.id);
    await engine.start(made.id);
    const running = await bench.start(planned);
    assert.equal(running.id, made.id);
    assert.equal(running.state, 'running');
    assert.ok(running.startedAt);
    assert.deepEqual((await engine.list(node)).map(({ name }) => name).toSorted(), [planned.name, `lookout-${bench.run}`].toSorted());

    await engine.stop(made.id, 5_000);
    await engine.stop(made.id, 5_000);
    const stopped = present(await engine.inspect(made.id));
    assert.equal(stopped.state, 'exited');
    assert.equal(stopped.exitCode, 0);
    assert.equal(stopped.address, planned.address, 'the address stays given while the container is stopped');

    await engine.remove(made.id, ours);
    await engine.remove(made.id, ours);
    assert.equal(await engine.inspect(made.id), null);
    await engine.stop(made.id, 1_000);
  });

  it('kills after the grace what does not listen to SIGTERM', async () => {
    const { engine, plan, ours } = bench;
    const deaf = await bench.start(
      plan('deaf', 21, { entrypoint: ['node', '-e', `process.on('SIGTERM', () => {}); require('node:net').createServer().listen(80)`] }),
    );
    await engine.stop(deaf.id, 300);
    assert.equal((await engine.inspect(deaf.id))?.exitCode, 137);
    await engine.remove(deaf.id, ours);
  });

  it('removes nothing that belongs to another service or node', async () => {
    const { engine, plan, ours } = bench;
    const { id } = await engine.create(plan('kept', 22));
    await assert.rejects(engine.remove(id, { ...ours, service: ServiceName.parse('other') }), {
      name: 'TerminalError',
      code: 'NOT_OURS',
    });
    await assert.rejects(engine.remove(id, { ...ours, node: NodeName.parse('other') }), { name: 'TerminalError', code: 'NOT_OURS' });
    assert.ok(await engine.inspect(id));
    await engine.remove(id, ours);
  });

  it('lists a foreign container by its exact name and of the others only those of the service asked for', async () => {
    const { engine, docker, plan, node, run } = bench;
    const foreign = await docker.createContainer({ name: `foreign-${run}`, Image: 'node:26-trixie-slim', Labels: { 'kedge.test': run } });
    const other = await engine.create(plan('other', 24, { labels: { [labels.service]: 'other-service' } }));

    const byName = await engine.list(NodeName.parse('nobody'), { names: [`foreign-${run}`, 'foreign'] });
    assert.deepEqual(
      byName.map(({ id, kedge, address }) => ({ id, kedge, address })),
      [{ id: foreign.id, kedge: null, address: null }],
    );
    const narrowed = await engine.list(node, { service: ServiceName.parse('other-service') });
    assert.deepEqual(
      narrowed.map(({ id }) => id),
      [other.id],
    );
    await engine.remove(other.id, { node, service: ServiceName.parse('other-service') });
  });
});
