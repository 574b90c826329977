import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { ContainerEngine, HostPort, HostPorts } from '../ports.ts';

const connectTimeoutMs = 1_000;

/** Listens for a moment where a container is about to; says nothing where this process has a network of its own. */
export function createHostPorts({ engine }: { readonly engine: Pick<ContainerEngine, 'sharesHostNetwork'> }): HostPorts {
  let shares: boolean | null = null;
  return {
    async check(port) {
      shares ??= await engine.sharesHostNetwork();
      if (!shares) return 'unknown';
      return port.protocol === 'udp' ? await bindUdp(port) : await listenTcp(port);
    },
  };
}

async function listenTcp({ host, hostIp }: HostPort): Promise<'free' | 'taken' | 'unknown'> {
  const server = createServer();
  try {
    server.listen({ port: host, host: hostIp, exclusive: true });
    await once(server, 'listening');
    return 'free';
  } catch (thrown) {
    // A low port may not be bound by this process, but somebody who has it answers.
    return isDenied(thrown) ? await whoAnswers(host, hostIp) : answerOf(thrown);
  } finally {
    server.close();
  }
}

async function bindUdp({ host, hostIp }: HostPort): Promise<'free' | 'taken' | 'unknown'> {
  const socket = createSocket(hostIp.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind({ port: host, address: hostIp, exclusive: true });
    await once(socket, 'listening');
    return 'free';
  } catch (thrown) {
    return answerOf(thrown);
  } finally {
    socket.close();
  }
}

/** Nobody answering proves nothing: whoever has the port may listen on another address. */
async function whoAnswers(port: number, hostIp: string): Promise<'taken' | 'unknown'> {
  const socket = connect({ port, host: loopbackFor(hostIp), timeout: connectTimeoutMs });
  socket.on('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    return 'taken';
  } catch {
    return 'unknown';
  } finally {
    socket.destroy();
  }
}

function loopbackFor(hostIp: string): string {
  if (hostIp === '0.0.0.0') return '127.0.0.1';
  return hostIp === '::' ? '::1' : hostIp;
}

function isDenied(thrown: unknown): boolean {
  return codeOf(thrown) === 'EACCES' || codeOf(thrown) === 'EPERM';
}

function answerOf(thrown: unknown): 'taken' | 'unknown' {
  return codeOf(thrown) === 'EADDRINUSE' ? 'taken' : 'unknown';
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
