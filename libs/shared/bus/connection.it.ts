import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ImageEntry, type ImageReference, imageKey, NodeName, ServiceEntry } from '../contracts/index.ts';
import { silentLog, startTestBus, type TestBus, waitUntil } from '../testing/index.ts';
import type { Bus } from './bus.ts';
import { connectBus, createBus } from './connect.ts';

const node = NodeName.parse('local');
const key = imageKey('localhost:5000/app:1' as ImageReference);

/** The way to a server, which can be cut and mended; its own address stays. */
function layLine(target: URL) {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  return {
    async open(): Promise<string> {
      server = createServer((near) => join(near, dial(Number(target.port), target.hostname)));
      const { promise, resolve } = Promise.withResolvers<void>();
      server.listen(port, '127.0.0.1', resolve);
      await promise;
      ({ port } = server.address() as AddressInfo);
      return `nats://127.0.0.1:${port}`;
    },
    cut(): void {
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };

  function join(near: Socket, far: Socket): void {
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one));
      one.pipe(other);
    }
  }
}

describe('a connection that breaks', () => {
  let testBus: TestBus;
  let secrets: Bus;
  let watcher: Bus;
  let line: ReturnType<typeof layLine>;

  before(async () => {
    testBus = await startTestBus();
    secrets = await testBus.connect('secrets');
    line = layLine(new URL(testBus.url));
    watcher = await connectBus({
      identity: 'watcher',
      node,
      instance: 'cut',
      url: await line.open(),
      keysFolder: testBus.keysFolder('watcher'),
      log: silentLog(),
    });
  });
  after(async () => {
    await watcher.close();
    line.cut();
    await testBus.close();
  });

  it('ends what was asked before, as a reason to try again', async () => {
    const asked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<never>();
    secrets.serve('config.render', async () => {
      asked.resolve();
      return await never.promise;
    });
    // The server answers in the order in which it is asked: it knows by then who serves.
    assert.equal(await secrets.bucket('services', ServiceEntry).get('local.nobody'), null);
    // Longer than this test may take: only the break can end it.
    const answer = watcher.request('config.render', { recipient: 'watcher', sender: 'watcher', box: 'c2VhbGVk' }, { timeoutMs: 3_600_000 });
    await asked.promise;
    line.cut();
    await assert.rejects(answer, { code: 'BUS_UNAVAILABLE', message: /broke before it answered/ });
  });

  it('lets what is asked while it is away go on as soon as it is back', async () => {
    await waitUntil(() => !watcher.isConnected());
    const read = watcher.bucket('images', ImageEntry).get(key);
    await line.open();
    assert.equal(await read, null);
    assert.ok(watcher.isConnected());
  });

  it('says so when it stays away', async () => {
    line.cut();
    await waitUntil(() => !watcher.isConnected());
    await assert.rejects(watcher.bucket('images', ImageEntry).get(key), { code: 'BUS_UNAVAILABLE' });
  });
});

describe('a bus that is closed', () => {
  let testBus: TestBus;
  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus?.close());

  it('lets go of a connection that comes about only afterwards', async () => {
    const open = new Set<Socket>();
    let accepted = 0;
    const dialled = Promise.withResolvers<Socket>();
    const server = createServer((socket) => {
      accepted += 1;
      open.add(socket);
      socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
      socket.on('data', (bytes) => String(bytes).includes('PING') && socket.write('PONG\r\n'));
      dialled.resolve(socket);
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const bus = createBus({
        identity: 'cli',
        node,
        instance: 'impatient',
        url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
        keysFolder: testBus.keysFolder('cli'),
        log: silentLog(),
      });
      const socket = await dialled.promise;
      await bus.close();
      // The server was slow, and greets only now.
      const greeting = {
        server_id: 'x',
        version: '2.15.1',
        proto: 1,
        headers: true,
        max_payload: 1_048_576,
        nonce: 'abc',
        auth_required: true,
      };
      socket.write(`INFO ${JSON.stringify(greeting)}\r\n`);
      await waitUntil(() => open.size === 0, { what: 'the connection closed' });
      assert.equal(accepted, 1);
    } finally {
      for (const socket of open) socket.destroy();
      server.close();
    }
  });
});
