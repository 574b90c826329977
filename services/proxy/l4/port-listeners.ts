import type { Socket } from 'node:net';
import { type Closable, errorMessage, startPeriodic, wait } from '@kedge/shared/kernel';
import type { PortRoute } from '../core/port-table.ts';
import type { Routes } from '../routes.ts';
import { PortConnection, type PortGround } from './port-connection.ts';
import { openPortDoor, type PortDoor } from './port-door.ts';

interface PortListenersPorts extends PortGround {
  readonly routes: Routes;
  /** Where a port without an address of its own listens. */
  readonly host: string;
  /** Whether a connection may stay; one that may not is ended already. */
  readonly admit: (client: Socket) => boolean;
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
const lookEveryMs = 25;

/** Opens nothing before `open`. A port that nobody declares any more accepts nobody; who came before stays as long as the target does. */
export function createPortListeners({ routes, host, admit, ...rest }: PortListenersPorts): PortListeners {
  const ground: PortGround = { routes, ...rest };
  const { log } = rest;
  const doors = new Map<string, PortDoor>();
  const problems = new Map<string, string>();
  const connections = new Set<PortConnection>();
  let loop: (Closable & { wake(): void }) | null = null;

  const declared = (): ReadonlyMap<string, PortRoute> => routes.current()?.ports ?? new Map<string, PortRoute>();

  async function adjust(): Promise<void> {
    const wanted = declared();
    await shut([...doors.keys()].filter((key) => !wanted.has(key)));
    for (const key of problems.keys()) if (!wanted.has(key)) problems.delete(key);
    for (const port of wanted.values()) if (!doors.has(port.key)) await unlock(port);
  }

  async function unlock(port: PortRoute): Promise<void> {
    const { key, hostIp, host: number, service } = port;
    const facts = { port: number, ...(hostIp !== null && { hostIp }), service: service.name };
    try {
      const onConnection = (client: Socket) => accept(client, key);
      doors.set(key, await openPortDoor({ host: hostIp ?? host, port: number, onConnection, log }));
      problems.delete(key);
      log.info(facts, 'port opened');
    } catch (thrown) {
      if (!problems.has(key)) log.error({ ...facts, reason: errorMessage(thrown) }, 'a port cannot be opened; trying again');
      problems.set(key, errorMessage(thrown));
    }
  }

  function accept(client: Socket, key: string): void {
    if (!admit(client)) return;
    const connection = new PortConnection(ground, { client, key });
    connections.add(connection);
    ground.traffic.connections.tcp += 1;
    connection.begin(() => {
      connections.delete(connection);
      ground.traffic.connections.tcp -= 1;
    });
  }

  async function shut(keys: readonly string[]): Promise<void> {
    const leaving = keys.flatMap((key) => doors.get(key) ?? []);
    for (const key of keys) doors.delete(key);
    await Promise.all(leaving.map(async (door) => await door.close()));
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
      await shut([...doors.keys()]);
      while (connections.size > 0 && performance.now() < deadline) await wait(lookEveryMs, new AbortController().signal);
      const left = [...connections];
      for (const connection of left) connection.breakOff();
      return left.length;
    },
  };
}
