import { Socket } from 'node:net';
import type { ConnectionEnds } from '../ports.ts';

/** Both ends of a connection as the kernel has them, whoever was told to stand behind it. */
export function kernelEnds(socket: Socket): ConnectionEnds {
  const { localAddress = '', localPort = 0 } = socket;
  const real = (name: 'remoteAddress' | 'remotePort'): unknown => Reflect.get(Socket.prototype, name, socket);
  const [remoteAddress, remotePort] = [real('remoteAddress'), real('remotePort')];
  return {
    localAddress,
    localPort,
    remoteAddress: typeof remoteAddress === 'string' ? remoteAddress : '',
    remotePort: typeof remotePort === 'number' ? remotePort : 0,
  };
}

/** What the socket that came and the one that TLS made of it have in common: no other open connection of one door has the same. */
export function connectionName(socket: Socket): string {
  const { remoteAddress, remotePort, localAddress } = kernelEnds(socket);
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
