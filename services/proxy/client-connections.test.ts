import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { createClientConnections } from './client-connections.ts';
import { addressSet, noAddress } from './core/address-set.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { startDataPlane } from './testing/start-data-plane.ts';

function from(remoteAddress: string): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
}

describe('connections of one client', () => {
  it('are so many and no more, until one ends', async () => {
    const connections = createClientConnections({ limit: 2, trusts: () => noAddress, log: silentLog() });
    const [first, second, third] = [from('192.0.2.1'), from('::ffff:192.0.2.1'), from('192.0.2.1')];
    assert.deepEqual([first, second, third].map(connections.admit), [true, true, false]);
    assert.deepEqual([third.destroyed, connections.refused(), connections.admit(from('192.0.2.2'))], [true, 1, true]);
    const closed = once(first, 'close');
    first.destroy();
    await closed;
    assert.equal(connections.admit(from('192.0.2.1')), true);
  });

  it('are counted by the /64 of IPv6, and not for this machine, believed proxies, or without a bound', () => {
    const connections = createClientConnections({ limit: 1, trusts: () => addressSet(['10.0.0.0/8']), log: silentLog() });
    assert.deepEqual([from('2001:db8::1'), from('2001:db8::2')].map(connections.admit), [true, false]);
    for (const address of ['127.0.0.1', '127.0.0.1', '::1', '::1', '10.1.1.1', '10.1.1.1'])
      assert.equal(connections.admit(from(address)), true);
    const all = createClientConnections({ limit: 0, trusts: () => noAddress, log: silentLog() });
    assert.deepEqual([from('192.0.2.1'), from('192.0.2.1')].map(all.admit), [true, true]);
  });

  it('are those that a load balancer tells of', async (t: TestContext) => {
    const plane = await startDataPlane({ KEDGE_CLIENT_CONNECTIONS: '1' });
    t.after(async () => await plane.close());
    plane.route([endpoints('web', [])], { strategy: 'http-only', proxy_protocol_from: ['127.0.0.1'] });
    const open = async (address: string) => {
      const socket = connect({ port: plane.port, host: '127.0.0.1' });
      t.after(() => socket.destroy());
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(`PROXY TCP4 ${address} 198.51.100.1 1 80\r\nGET / HTTP/1.1\r\nHost: nobody\r\n\r\n`);
      return await Promise.race([once(socket, 'data').then(() => 'answered'), once(socket, 'close').then(() => 'ended')]);
    };
    assert.equal(await open('192.0.2.1'), 'answered');
    assert.equal(await open('192.0.2.1'), 'ended');
    assert.equal(await open('192.0.2.2'), 'answered');
    await waitUntil(async () => /^kedge_refused_connections_total 1$/m.test(await plane.metrics.metrics()));
  });
});

describe('headers of a request', () => {
  it('are so many and no more', async (t) => {
    const plane = await startDataPlane({ KEDGE_CLIENT_HEADER_COUNT: '5', KEDGE_CLIENT_HEADER_BYTES: '2048' });
    t.after(async () => await plane.close());
    plane.route([endpoints('web', [])]);
    const status = async (headers: readonly string[]) => {
      const { status: found } = await ask({
        port: plane.port,
        headers: Object.fromEntries(headers.map((name) => [name, 'x'])),
      });
      return found;
    };
    assert.equal(await status(['a', 'b', 'c']), 503);
    assert.equal(await status(['a', 'b', 'c', 'd', 'e']), 431);
    assert.equal(await status(['x'.repeat(2_100)]), 431);
  });
});
