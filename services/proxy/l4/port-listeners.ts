import type { Socket } from 'node:net';
import { type Closable, errorMessage, startPeriodic, wait } from '@kedge/shared/kernel';
import type { ClientConnections } from '../client-connections.ts';
import type { PortRoute } from '../core/port-table.ts';
import type { CertificateSource } from '../ports.ts';
import type { Routes } from '../routes.ts';
import { type ClientTls, createClientTls } from './client-tls.ts';
import { PortConnection, type PortGround } from './port-connection.ts';
import { openPortDoor, type PortDoor } from './port-door.ts';
import { openUdpDoor } from './udp-door.ts';

interface PortListenersPorts extends PortGround {
  readonly routes: Routes;
  /** Where a port without an address of its own listens. */
  readonly host: string;
  /** Of the proxy's own doors: it would share them with itself. */
  readonly ownPorts: ReadonlySet<number>;
  readonly clients: ClientConnections;
  /** Null: there are none here. */
  readonly certificates: CertificateSource | null;
  /** How long a client may take to agree on TLS. */
  readonly handshakeMs: number;
}

/** A port that services declare, and why it is not open; null when it is. */
export interface PortState {
  readonly port: PortRoute;
  readonly problem: string | null;
}

/** The ports of all services: open as the table says while the doors of the proxy are, and tried again while they are taken. */
export interface PortListeners {
  states(): readonly PortState[];
  /** Resolves after the first attempt at each. */
  open(): Promise<void>;
  /** Lets connections end, breaks off what is left after `drainMs`, and resolves to how many those were. They may be opened again. */
  close(drainMs: number): Promise<number>;
}

const retryMs = 1_000;
const noCertificates = 'it speaks TLS, and there are no certificates here; KEDGE_CERTIFICATES=self-signed makes them';
const lookEveryMs = 25;

/** Opens nothing before `open`. A port that nobody declares any more accepts nobody; who came before stays as long as the target does. */
export function createPortListeners({
  routes,
  host,
  ownPorts,
  clients,
  certificates,
  handshakeMs,
  ...rest
}: PortListenersPorts): PortListeners {
  const ground: PortGround = { routes, ...rest };
  const { log } = rest;
  const doors = new Map<string, PortDoor>();
  const problems = new Map<string, string>();
  const connections = new Set<PortConnection>();
  const tls = new Map<string, ClientTls>();
  let loop: (Closable & { wake(): void }) | null = null;

  const declared = (): ReadonlyMap<string, PortRoute> => routes.current()?.ports ?? new Map<string, PortRoute>();

  async function adjust(): Promise<void> {
    const wanted = declared();
    await shut([...doors.keys()].filter((key) => !isServable(wanted.get(key))));
    for (const key of problems.keys()) if (!wanted.has(key)) problems.delete(key);
    for (const port of wanted.values()) if (!doors.has(port.key)) await unlock(port);
  }

  /** What an open one becomes may be something that cannot be served here. */
  function isServable(port: PortRoute | undefined): boolean {
    return port !== undefined && (port.tlsHost === null || certificates !== null);
  }

  async function unlock(port: PortRoute): Promise<void> {
    const { key, hostIp, host: number, protocol, service } = port;
    const facts = { port: number, protocol, ...(hostIp !== null && { hostIp }), service: service.name };
    try {
      doors.set(key, await open(port));
      problems.delete(key);
      log.info(facts, 'port opened');
    } catch (thrown) {
      if (!problems.has(key)) log.error({ ...facts, reason: errorMessage(thrown) }, 'a port cannot be opened; trying again');
      problems.set(key, errorMessage(thrown));
    }
  }

  async function open({ key, hostIp, host: number, protocol, tlsHost }: PortRoute): Promise<PortDoor> {
    const place = { host: hostIp ?? host, port: number };
    if (protocol === 'udp') return await openUdpDoor({ ...ground, clients }, { ...place, key });
    if (ownPorts.has(number)) throw new Error('it is the port of the proxy itself');
    if (tlsHost !== null && !certificates) throw new Error(noCertificates);
    return await openPortDoor({ ...place, onConnection: (client) => accept(client, key), log });
  }

  function accept(client: Socket, key: string): void {
    if (!clients.admit(client)) return;
    const port = declared().get(key);
    const tlsHost = port?.tlsHost ?? null;
    if (!isServable(port)) client.resetAndDestroy();
    else if (tlsHost === null) serve(client, key);
    else
      tlsOf(key)
        .welcome(client, tlsHost)
        .catch((thrown: unknown) => {
          log.error({ host: tlsHost, reason: errorMessage(thrown) }, 'there is no certificate for a port');
          client.destroy();
        });
  }

  function tlsOf(key: string): ClientTls {
    const known = tls.get(key);
    if (known) return known;
    if (!certificates) throw new Error(noCertificates);
    const made = createClientTls({ certificates, withinMs: handshakeMs, onAgreed: (client) => serve(client, key) });
    tls.set(key, made);
    return made;
  }

  function serve(client: Socket, key: string): void {
    const connection = new PortConnection(ground, { client, key });
    connections.add(connection);
    ground.traffic.connections.tcp += 1;
    connection.begin(() => {
      connections.delete(connection);
      ground.traffic.connections.tcp -= 1;
    });
  }

  async function shut(keys: readonly string[], withinMs = 0): Promise<void> {
    const leaving = keys.flatMap((key) => doors.get(key) ?? []);
    for (const key of keys) doors.delete(key);
    await Promise.all(leaving.map(async (door) => await door.close(withinMs)));
    if (keys.length > 0) log.info({ ports: keys }, 'ports closed');
  }

  routes.onReplaced(({ targets }) => {
    for (const connection of connections) connection.retireFrom(targets);
    loop?.wake();
  });
  return {
    states: () =>
      [...declared().values()].map((port) => ({ port, problem: doors.has(port.key) ? null : (problems.get(port.key) ?? 'not yet tried') })),
    async open() {
      await adjust();
      loop = startPeriodic({
        everyMs: retryMs,
        work: adjust,
        onError: (thrown) => log.error({ reason: errorMessage(thrown) }, 'the ports of services failed'),
      });
    },
    async close(drainMs) {
      const deadline = performance.now() + drainMs;
      await loop?.close();
      loop = null;
      await shut([...doors.keys()], drainMs);
      for (const each of tls.values()) each.breakOff();
      while (connections.size > 0 && performance.now() < deadline) await wait(lookEveryMs, new AbortController().signal);
      const left = [...connections];
      for (const connection of left) connection.breakOff();
      return left.length;
    },
  };
}
