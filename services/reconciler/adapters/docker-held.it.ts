import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type EngineWorkbench, openWorkbench } from './testing/engine-workbench.ts';

describe('what containers of a real engine hold', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  it('does not blame a container for a port that another one holds', async () => {
    const { engine, docker, plan, ours } = bench;
    const port = { host: 0, container: 80, protocol: 'tcp', hostIp: '127.0.0.1' } as const;
    const holder = await bench.start(plan('holder', 32, { ports: [port] }));
    const { NetworkSettings } = await docker.getContainer(holder.id).inspect();
    const host = Number(NetworkSettings.Ports['80/tcp']?.[0]?.HostPort);
    const late = await engine.create(plan('late', 33, { ports: [{ ...port, host }] }));
    const short = `port ${host} of the host is taken by another program; free it or change [[port]] host in service.toml`;
    await assert.rejects(engine.start(late.id), { code: 'PORT_TAKEN', message: short });
    const held = (await engine.published()).filter(({ host: each }) => each === host);
    assert.deepEqual(held, [{ container: holder.id, name: holder.name, owner: ours, host, protocol: 'tcp', hostIp: '127.0.0.1' }]);
    for (const { id } of [holder, late]) await engine.remove(id, ours);
  });

  it('tells what running containers may write to, and whose they are', async () => {
    const { engine, plan, run, ours } = bench;
    const volumes = [
      { source: `data-${run}`, target: '/data', readonly: false },
      { source: '/tmp', target: '/host', readonly: false },
      { source: '/usr', target: '/look', readonly: true },
    ];
    const writer = await bench.start(plan('writer', 34, { volumes }));
    const held = (await engine.writable()).filter(({ container }) => container === writer.id);
    assert.deepEqual(
      held.toSorted((one, other) => (one.source < other.source ? -1 : 1)),
      ['/tmp', `data-${run}`].map((source) => ({ container: writer.id, name: writer.name, owner: ours, source })),
    );
    await engine.remove(writer.id, ours);
    await bench.docker.getVolume(`data-${run}`).remove();
  });
});
