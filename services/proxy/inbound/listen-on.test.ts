import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { waitUntil } from '@kedge/shared/testing';
import { listenOn } from './listen-on.ts';

const clients = 64;

/** A server on a port of its own, and what it accepted. */
async function open(t: TestContext, sockets: number) {
  const server = createServer();
  const accepted: Socket[] = [];
  server.on('connection', (socket) => void accepted.push(socket));
  const listening = await listenOn(server, { host: '127.0.0.1', port: 0, settings: {}, sockets });
  t.after(async () => {
    for (const socket of accepted) socket.destroy();
    await listening.close();
  });
  return { server, accepted, listening };
}

/** They stand in the kernel's queues when this returns: nothing of the event loop is needed for that. */
function dialAll(t: TestContext, port: number): readonly { readonly socket: Socket; readonly reset: () => boolean }[] {
  return Array.from({ length: clients }, () => {
    const socket = connect({ port, host: '127.0.0.1' });
    let isReset = false;
    socket.on('error', () => {
      isReset = true;
    });
    t.after(() => socket.destroy());
    return { socket, reset: () => isReset };
  });
}

/** Turns of the event loop until all are accepted. */
async function turns(t: TestContext, sockets: number): Promise<number> {
  const { accepted, listening } = await open(t, sockets);
  dialAll(t, listening.port);
  let count = 0;
  for (; accepted.length < clients; count += 1) await setImmediate();
  return count;
}

describe('a server that listens', () => {
  it('takes as many connections in a turn of the event loop as it has sockets', async (t) => {
    const [one, many] = [await turns(t, 1), await turns(t, 32)];
    assert.ok(many * 3 < one, `${one} turns with one socket, ${many} with many`);
  });

  it('counts its connections, whichever socket took them', async (t) => {
    const { accepted, listening } = await open(t, 8);
    dialAll(t, listening.port);
    await waitUntil(() => accepted.length === clients);
    assert.deepEqual([listening.sockets, await listening.connections()], [8, clients]);
  });

  it('takes everybody who stands in its queues before it closes, and nobody afterwards', async (t) => {
    const { accepted, listening } = await open(t, 32);
    const dialled = dialAll(t, listening.port);
    await listening.close();
    assert.equal(accepted.length, clients);
    const late = connect({ port: listening.port, host: '127.0.0.1' });
    const [refusal] = await once(late, 'error');
    assert.equal((refusal as NodeJS.ErrnoException).code, 'ECONNREFUSED');
    assert.ok(dialled.every(({ socket, reset }) => !reset() && !socket.destroyed));
    for (const socket of accepted) socket.destroy();
    await listening.ended;
  });

  it('is content with fewer sockets where there are no more', async (t) => {
    const real = Server.prototype.listen;
    let opened = 0;
    t.mock.method(Server.prototype, 'listen', function (this: Server, ...given: Parameters<typeof real>) {
      opened += 1;
      if (opened < 4) return real.apply(this, given);
      process.nextTick(() => this.emit('error', Object.assign(new Error('too many open files'), { code: 'EMFILE' })));
      return this;
    });
    const { accepted, listening } = await open(t, 8);
    assert.equal(listening.sockets, 3);
    dialAll(t, listening.port);
    await waitUntil(() => accepted.length === clients);
  });
});
