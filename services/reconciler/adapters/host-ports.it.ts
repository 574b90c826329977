import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import type { HostPort } from '../ports.ts';
import { createHostPorts } from './host-ports.ts';

const outside = createHostPorts({ engine: { sharesHostNetwork: async () => true } });
const on = (host: number, changes: Partial<HostPort> = {}): HostPort => ({ host, protocol: 'tcp', hostIp: '0.0.0.0', ...changes });

describe('the ports of the host', () => {
  it('are taken while a program listens, on any address or on one, and free afterwards', async () => {
    const server = createServer().listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.equal(await outside.check(on(port)), 'taken');
    assert.equal(await outside.check(on(port, { hostIp: '127.0.0.1' })), 'taken');
    assert.equal(await outside.check(on(port, { hostIp: '127.0.0.2' })), 'free');
    server.close();
    await once(server, 'close');
    assert.equal(await outside.check(on(port)), 'free');
    assert.equal(await outside.check(on(port)), 'free', 'looking has left nothing behind');
  });

  it('are told apart by protocol', async () => {
    const socket = createSocket('udp4').bind({ port: 0, address: '127.0.0.1' });
    await once(socket, 'listening');
    const { port } = socket.address();
    assert.equal(await outside.check(on(port, { protocol: 'udp' })), 'taken');
    assert.equal(await outside.check(on(port)), 'free');
    socket.close();
    await once(socket, 'close');
    assert.equal(await outside.check(on(port, { protocol: 'udp' })), 'free');
  });

  it('are unknown on an address that the host does not have', async () => {
    assert.equal(await outside.check(on(28_999, { hostIp: '192.0.2.1' })), 'unknown');
  });

  it('are unknown to a process that has a network of its own', async () => {
    const server = createServer().listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.equal(await createHostPorts({ engine: { sharesHostNetwork: async () => false } }).check(on(port)), 'unknown');
    server.close();
  });

  it('are asked for again after the engine could not tell where this process runs', async () => {
    let isAway = true;
    const sharesHostNetwork = async () => {
      if (isAway) throw new RetryableError('ENGINE_UNREACHABLE', 'away');
      return false;
    };
    const ports = createHostPorts({ engine: { sharesHostNetwork } });
    await assert.rejects(ports.check(on(28_999)), { code: 'ENGINE_UNREACHABLE' });
    isAway = false;
    assert.equal(await ports.check(on(28_999)), 'unknown');
  });
});
