import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Arrived } from './admit-request.ts';
import { type Peer, plainAddress } from './core/forwarded-headers.ts';

/** Who is at the other end; null when nobody is any more. */
export function peerOf(connection: Socket): Peer | null {
  const { remoteAddress } = connection;
  if (remoteAddress === undefined) return null;
  return { address: plainAddress(remoteAddress), protocol: connection instanceof TLSSocket ? 'https' : 'http' };
}

/** A request as node:http hands it over. */
export function arrivedByHttp1({ rawHeaders, httpVersion, method = 'GET', url: target = '/', socket }: IncomingMessage): Arrived {
  return { method, target, httpVersion, rawHeaders, peer: peerOf(socket) };
}
