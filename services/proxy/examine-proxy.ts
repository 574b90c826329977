import type { Examine } from '@kedge/shared/service';
import { type DoorState, examineProxy, hostsToResolve, type Resolved } from './core/examination.ts';
import type { PortListeners } from './l4/port-listeners.ts';
import type { ResolveHost } from './ports.ts';
import type { Routes } from './routes.ts';

interface ExaminePorts {
  readonly doors: () => readonly DoorState[];
  readonly ports: Pick<PortListeners, 'states'>;
  readonly routes: Pick<Routes, 'current'>;
  readonly resolve: ResolveHost;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** Whoever asks waits for the answer, and the servers of DNS are not ours. */
const mostHosts = 20;
const patienceMs = 2_000;

/** Makes what `kedge doctor` is told of the port and of the hosts that have routes. */
export function createExamineProxy({ doors, ports, routes, resolve, pause }: ExaminePorts): Examine {
  async function lookUp(host: string): Promise<readonly [string, Resolved]> {
    const late = new AbortController();
    const found = await Promise.race([
      resolve(host),
      pause(patienceMs, late.signal).then((): Resolved => ({ problem: 'no answer in time' })),
    ]);
    late.abort();
    return [host, found];
  }

  return async () => {
    const table = routes.current();
    const hosts = [...(table?.hosts.keys() ?? [])];
    const resolved = await Promise.all(hostsToResolve(hosts).slice(0, mostHosts).map(lookUp));
    return examineProxy({
      doors: doors(),
      ports: ports.states().map(({ port: { service, hostIp, host, protocol }, problem }) => ({
        service: service.name,
        hostIp,
        port: host,
        protocol,
        problem,
      })),
      enabled: table?.enabled ?? true,
      strategy: table?.strategy ?? null,
      hosts: hosts.length,
      resolved: new Map(resolved),
    });
  };
}
