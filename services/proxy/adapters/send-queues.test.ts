import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { endianness, networkInterfaces } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { sendQueues, tableName } from './send-queues.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

/** A connection whose other end reads nothing by itself. */
async function connected(t: TestContext, host: string, address = host): Promise<{ readonly server: Socket; readonly client: Socket }> {
  const listener = createServer().listen({ port: 0, host });
  await once(listener, 'listening');
  const client = connect({ port: (listener.address() as AddressInfo).port, host: address }).pause();
  const [[server]] = await Promise.all([once(listener, 'connection') as Promise<[Socket]>, once(client, 'connect')]);
  client.on('error', () => client.destroy());
  t.after(() => {
    for (const socket of [client, server]) socket.destroy();
    listener.close();
  });
  return { server, client };
}

describe('what waits in the kernel for a connection', () => {
  it('is asked by both ends, as the tables of the kernel write them', { skip: endianness() === 'BE' }, () => {
    const cases = [
      [['127.0.0.1', 80], ['10.1.2.3', 50_000], '0100007F:0050 0302010A:C350'],
      [['::1', 443], ['::1', 1_025], '00000000000000000000000001000000:01BB 00000000000000000000000001000000:0401'],
      [['::ffff:127.0.0.1', 80], ['::ffff:10.1.2.3', 8], '0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000302010A:0008'],
      [['2001:db8::ff00:42:8329', 80], ['fe80::1%eth0', 80], 'B80D01200000000000FF000029834200:0050 000080FE000000000000000001000000:0050'],
      [['1:2:3:4:5:6:7:8', 1], ['::', 0], '02000100040003000600050008000700:0001 00000000000000000000000000000000:0000'],
    ] as const;
    for (const [[localAddress, localPort], [remoteAddress, remotePort], name] of cases) {
      assert.equal(tableName({ localAddress, localPort, remoteAddress, remotePort }), name);
    }
    assert.equal(tableName({ remoteAddress: 'no address', remotePort: 1 }), ':0000 :0001');
  });

  const families = [
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
    ['IPv4 where both are served', '::', '127.0.0.1'],
  ] as const;
  for (const [what, host, address] of families) {
    it(`is all that the other side does not take, and becomes less with all that it takes (${what})`, {
      skip: host !== '127.0.0.1' && !hasIpv6,
    }, async (t) => {
      const { server, client } = await connected(t, host, address);
      const queued = async () => (await sendQueues([server])).get(server);
      assert.equal(await queued(), 0);
      server.write(Buffer.alloc(64 * 1_024 * 1_024));
      await waitUntil(async () => ((await queued()) ?? 0) > 0);
      const full = await waitUntil(async () => {
        const [first, second] = [await queued(), await queued()];
        return first === second && first;
      });
      const waiting = server.writableLength;
      await waitUntil(async () => {
        client.read();
        return (await queued()) !== full;
      });
      assert.equal(server.writableLength, waiting, 'this process notices nothing of it');
    });
  }

  it('is told of many connections at once, and of none that is gone', async (t) => {
    const { server, client } = await connected(t, '127.0.0.1');
    const gone = await connected(t, '127.0.0.1');
    gone.server.resetAndDestroy();
    await once(gone.server, 'close');
    const found = await sendQueues([server, gone.server, client]);
    assert.deepEqual(
      [server, gone.server, client].map((socket) => found.get(socket)),
      [0, undefined, 0],
    );
  });
});
