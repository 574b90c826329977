import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { wait } from '@kedge/shared/kernel';
import type { ClientConnections } from '../client-connections.ts';
import { bareAddress } from '../core/proxy-preamble.ts';
import { firstSupported } from '../inbound/place.ts';
import type { PortDoor } from './port-door.ts';
import { type UdpGround, UdpSession } from './udp-session.ts';

/** What all ports share. */
interface UdpDoorGround extends UdpGround {
  readonly clients: Pick<ClientConnections, 'enter'>;
}

interface UdpDoorOptions {
  /** Of the port, as the table names it. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

/** Each has a socket of its own towards its target. */
const mostClients = 4_096;
/** So long without a datagram, an answer that is owed has come. */
const quietMs = 100;
const lookEveryMs = 25;

/** Opens a port of UDP. Proxies may share it: the kernel divides the clients among them. Rejects where it cannot be had. */
export async function openUdpDoor(ground: UdpDoorGround, { key, host, port }: UdpDoorOptions): Promise<PortDoor> {
  const { log, routes, clients } = ground;
  /** Who was silent longest comes first. */
  const sessions = new Map<string, UdpSession>();
  let heardAt = 0;
  const socket = await bindTo(host, port);
  socket.on('error', (error) => log.error({ port, reason: error.message }, 'the listener of a port reported an error'));
  socket.on('message', (datagram, from) => {
    // Nobody can be answered there.
    if (from.port === 0) return;
    heardAt = performance.now();
    const client = `${from.address} ${from.port}`;
    const known = sessions.get(client);
    if (known) {
      sessions.delete(client);
      sessions.set(client, known);
      known.hear(datagram);
    } else welcome(datagram, { client, from });
  });
  const forget = routes.onReplaced((table) => {
    for (const session of sessions.values()) session.heed(table);
  });

  function welcome(datagram: Buffer, { client, from }: { readonly client: string; readonly from: RemoteInfo }): void {
    const declared = routes.current()?.ports.get(key);
    const leave = declared ? clients.enter(from.address) : null;
    if (!declared || !leave) return;
    const [silent] = sessions.values();
    if (sessions.size >= mostClients) silent?.end();
    const session = new UdpSession(ground, {
      key,
      address: bareAddress(from.address),
      idleMs: declared.idleMs,
      reply(answer) {
        heardAt = performance.now();
        // Who cannot be reached is not the fault of this port.
        socket.send(answer, from.port, from.address, () => undefined);
      },
      onEnd() {
        sessions.delete(client);
        leave();
      },
    });
    sessions.set(client, session);
    session.begin(datagram);
  }

  return {
    async close(withinMs) {
      const deadline = performance.now() + withinMs;
      while (performance.now() < Math.min(deadline, heardAt + quietMs)) await wait(lookEveryMs, new AbortController().signal);
      forget();
      for (const session of [...sessions.values()]) session.end();
      socket.close();
    },
  };
}

async function bindTo(host: string, port: number): Promise<Socket> {
  return await firstSupported(host, async (place) => {
    const { host: address, ...shared } = place;
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ...shared });
    try {
      socket.bind(port, address);
      await once(socket, 'listening');
      return socket;
    } catch (thrown) {
      socket.close();
      throw thrown;
    }
  });
}
