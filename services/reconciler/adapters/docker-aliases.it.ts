import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import type { ObservedContainer } from '../ports.ts';
import { type EngineWorkbench, openWorkbench, present, serviceOf } from './testing/engine-workbench.ts';
import { restlessCaller } from './testing/workloads.ts';

describe('names of a container on the network of a real engine', () => {
  let bench: EngineWorkbench;
  let service: string;
  before(async () => {
    bench = await openWorkbench();
    service = serviceOf(bench.run);
  });
  after(() => bench.close());
  afterEach(async () => {
    const made = await bench.engine.list(bench.node);
    for (const { id, name, kedge } of made)
      if (kedge && !name.startsWith('lookout')) await bench.engine.remove(id, { node: bench.node, service: kedge.service });
  });

  const nameIt = (container: ObservedContainer, aliases: readonly string[]) =>
    bench.engine.setAliases(container.id, { name: bench.network.name, address: present(container.kedge?.address), aliases });
  const seen = async ({ id }: ObservedContainer) => present(await bench.engine.inspect(id));

  it('nobody finds a new container under the service name until it gets the alias, nor after it lost it', async () => {
    const container = await bench.start(bench.plan('new', 20));
    assert.deepEqual(await bench.resolve(service), []);
    await nameIt(container, [service]);
    assert.deepEqual(await bench.resolve(service), [container.address]);
    assert.equal((await seen(container)).hasAlias, true);
    await nameIt(container, []);
    assert.deepEqual(await bench.resolve(service), []);
    assert.equal((await seen(container)).hasAlias, false);
  });

  it('the engine resolves the name of a container like an alias, whatever its case, and rename changes that at once', async () => {
    const container = await bench.start({ ...bench.plan('old', 20), name: service });
    assert.deepEqual(await bench.resolve(service.toUpperCase()), [container.address]);
    assert.equal(container.hasAlias, true, 'the name alone answers for the service');

    const other = `${service}.aaaaaaaa.0`;
    await bench.engine.rename(container.id, other);
    await bench.engine.rename(container.id, other);
    assert.deepEqual(await bench.resolve(service), []);
    assert.deepEqual(await bench.resolve(other), [container.address]);
    assert.equal((await seen(container)).hasAlias, false);
  });

  it('after rename and setAliases the service name leads to the new container alone', async () => {
    const old = await bench.start({ ...bench.plan('old', 20), name: service });
    await nameIt(old, [service]);
    const fresh = await bench.start(bench.plan('new', 21));
    await nameIt(fresh, [service]);
    assert.deepEqual(await bench.resolve(service), [old.address, fresh.address]);

    await bench.engine.rename(old.id, `${service}.aaaaaaaa.0`);
    await nameIt(old, []);
    assert.deepEqual(await bench.resolve(service), [fresh.address]);
    await bench.engine.rename(fresh.id, service);
    assert.deepEqual(await bench.resolve(service), [fresh.address]);
  });

  it('an open connection lives through the re-attachment', async () => {
    const container = await bench.start(bench.plan('open', 20));
    const socket = await connected(present(container.address), 80);
    assert.equal(await echoed(socket, 'before'), 'before');
    await nameIt(container, [service]);
    assert.equal(await echoed(socket, 'after'), 'after');
    socket.destroy();
    assert.equal((await seen(container)).address, container.address);
  });

  it('the container is frozen meanwhile: its own look-ups and calls wait instead of failing', async () => {
    await bench.start({ ...bench.plan('callee', 22), name: `callee-${bench.run}` });
    const container = await bench.start(
      bench.plan('caller', 20, { entrypoint: ['node', '-e', restlessCaller], env: { CALLEE: `callee-${bench.run}` } }),
    );
    for (let time = 0; time < 3; time += 1) {
      await nameIt(container, [service]);
      await nameIt(container, []);
    }
    const lines = await waitUntil(async () => {
      const written = await bench.engine.logs(container.id, { lines: 1_000 });
      return written.filter((line) => line === 'well').length > 100 && written;
    });
    assert.deepEqual(
      lines.filter((line) => line !== 'well'),
      [],
    );
    assert.equal((await seen(container)).state, 'running');
  });

  it('a container with a health check keeps its health over the change of name', async () => {
    const container = await bench.start(bench.plan('healthy', 20, { image: await bench.imageWithHealthcheck() }));
    await waitUntil(async () => (await seen(container)).health === 'healthy');
    await nameIt(container, [service]);
    assert.equal((await seen(container)).health, 'healthy');
    const socket = await connected(present(container.address), 80);
    assert.equal(await echoed(socket, 'awake'), 'awake');
    socket.destroy();
  });

  it('thaws a container that a killed predecessor stopped', async () => {
    const container = await bench.start(bench.plan('stopped', 20, { image: await bench.imageWithHealthcheck() }));
    await bench.docker.getContainer(container.id).kill({ signal: 'SIGSTOP' });
    await bench.engine.thaw(container.id);
    const socket = await connected(present(container.address), 80);
    assert.equal(await echoed(socket, 'awake'), 'awake');
    socket.destroy();
  });

  it('thaws a container whose freezer was killed', async () => {
    const container = await bench.start(bench.plan('frozen', 20));
    await bench.docker.getContainer(container.id).pause();
    await nameIt(container, []);
    assert.equal((await seen(container)).state, 'running');
  });

  it('does nothing when the container is attached so already', async () => {
    const container = await bench.start(bench.plan('same', 20));
    await nameIt(container, [service, 'second']);
    const endpoint = async () =>
      (await bench.docker.getContainer(container.id).inspect()).NetworkSettings.Networks[bench.network.name]?.EndpointID;
    const before = await endpoint();
    await nameIt(container, ['second', service]);
    assert.equal(await endpoint(), before);
    assert.ok(before);
  });

  it('puts back a container that was taken off the network by somebody who was killed then', async () => {
    const container = await bench.start(bench.plan('lost', 20));
    await bench.docker.getNetwork(bench.network.name).disconnect({ Container: container.id });
    assert.equal((await seen(container)).address, null);
    assert.equal((await seen(container)).kedge?.address, container.address);
    await nameIt(container, [service]);
    assert.deepEqual(await bench.resolve(service), [container.address]);
  });

  it('puts back a container whose attachment failed half way', async () => {
    const container = await bench.start(bench.plan('torn', 20));
    await bench.start(bench.plan('blocking', 21));
    const network = bench.docker.getNetwork(bench.network.name);
    await network.disconnect({ Container: container.id });
    const taken = { Container: container.id, EndpointConfig: { IPAMConfig: { IPv4Address: bench.address(21) } } };
    await assert.rejects(network.connect(taken), /Address already in use/);
    assert.equal((await seen(container)).address, null, 'configured, but not attached');

    await assert.rejects(bench.engine.setAliases(container.id, { name: bench.network.name, address: bench.address(21), aliases: [] }), {
      name: 'RetryableError',
      code: 'ADDRESS_TAKEN',
    });
    await nameIt(container, [service]);
    assert.deepEqual(await bench.resolve(service), [container.address]);
  });

  it('ends well when two attach a container at once', async () => {
    const container = await bench.start(bench.plan('both', 20));
    await Promise.allSettled([nameIt(container, [service]), nameIt(container, [service])]);
    await nameIt(container, [service]);
    assert.deepEqual(await bench.resolve(service), [container.address]);
  });

  it('takes the aliases of a container that does not run yet, and keeps them over its restarts', async () => {
    const made = await bench.engine.create(bench.plan('early', 20));
    await nameIt(made, [service]);
    assert.equal((await seen(made)).hasAlias, true);
    assert.deepEqual(await bench.resolve(service), []);
    await bench.engine.start(made.id);
    assert.deepEqual(await bench.resolve(service), [made.address]);
    await bench.engine.stop(made.id, 2_000);
    assert.deepEqual(await bench.resolve(service), []);
    await bench.engine.start(made.id);
    assert.deepEqual(await bench.resolve(service), [made.address]);
  });

  it('a published port closes during the re-attachment and is open afterwards', async () => {
    const published = await freePort();
    const ports = [{ host: published, container: 80, protocol: 'tcp', hostIp: '127.0.0.1' }] as const;
    const container = await bench.start(bench.plan('public', 20, { ports }));
    const before = await connected('127.0.0.1', published);
    assert.equal(await echoed(before, 'x'), 'x');
    before.destroy();
    await nameIt(container, [service]);
    const again = await waitUntil(() => connected('127.0.0.1', published));
    assert.equal(await echoed(again, 'y'), 'y');
    again.destroy();
  });

  it('a host name like the service name is left away, since the engine would resolve it', async () => {
    const other = await bench.start(bench.plan('named', 20, { hostname: `host-${bench.run}` }));
    assert.deepEqual(await bench.resolve(`host-${bench.run}`), [other.address], 'the engine does resolve host names');
    await bench.start(bench.plan('betraying', 21, { hostname: service.toUpperCase() }));
    assert.deepEqual(await bench.resolve(service), []);
  });

  it('does not rename to a name that another container has', async () => {
    const container = await bench.engine.create(bench.plan('one', 20));
    await assert.rejects(bench.engine.rename(container.id, `lookout-${bench.run}`), { name: 'TerminalError', code: 'NAME_TAKEN' });
  });
});

async function connected(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  return socket;
}

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
  return String(bytes);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
