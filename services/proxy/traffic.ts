import type { ServiceName, Target } from '@kedge/shared/contracts';
import { type Ending, ServiceTally, TargetTally } from './core/tally.ts';
import { createUnderWay, type UnderWay } from './under-way.ts';

/** What happens to the requests of one service. */
export interface ServiceTraffic {
  readonly tally: ServiceTally;
  /** Grows by one with each call: whose turn it is among the targets. */
  nextTurn(): number;
  begin(): void;
  end(ending: Ending, seconds: number): void;
}

/** A target, as one service has it. */
export interface TargetTraffic {
  readonly target: Target;
  readonly service: ServiceName | null;
  readonly tally: TargetTally;
}

/** Protocols that clients speak; a WebSocket counts beside the connection that carries it, and UDP by its clients. */
export const clientProtocols = ['http1', 'http2', 'websocket', 'tcp', 'udp'] as const;
export type ClientProtocol = (typeof clientProtocols)[number];

/** Open requests of every target, and the numbers that people look at. */
export interface Traffic {
  /** Null stands for requests that no service answers. */
  of(service: ServiceName | null): ServiceTraffic;
  /** Counts what was refused before it was anybody's. */
  refused(status: number): void;
  /** Requests of all services. */
  readonly underWay: UnderWay;
  /** One more open request of this target; hand what it returns to `end`, once. */
  begin(target: Target, service: ServiceName | null): TargetTraffic;
  end(target: TargetTraffic): void;
  /** It is left out for a while. */
  ejected(target: Target, service: ServiceName): void;
  openOf(target: string): number;
  /** Called when the last open request of a target ended. */
  onQuiet(listener: (target: string) => void): void;
  /** Called when a request or connection ended at a target. */
  onFreed(listener: (target: string) => void): void;
  /** Only these are routed: of others nothing is kept once they have nothing open. */
  keepOnly(routed: Routed): void;
  services(): Iterable<readonly [ServiceName | null, ServiceTally]>;
  targets(): Iterable<TargetTraffic>;
  /** Open connections of clients, by what is spoken on them. */
  readonly connections: Record<ClientProtocol, number>;
}

/** Names of services, and ids of their targets. */
interface Routed {
  readonly services: ReadonlySet<ServiceName>;
  readonly targets: ReadonlySet<string>;
}

/** What is told of one target, whichever services have it. */
interface TargetBooks {
  open: number;
  readonly byService: Map<ServiceName | null, TargetTraffic>;
}

/** Counts nothing but what it is told. */
export function createTraffic(): Traffic {
  const targets = new Map<string, TargetBooks>();
  const services = new Map<ServiceName | null, ServiceTraffic>();
  const quietListeners: ((target: string) => void)[] = [];
  const freedListeners: ((target: string) => void)[] = [];
  let routed: Routed | null = null;

  function of(service: ServiceName | null): ServiceTraffic {
    const known = services.get(service);
    if (known) return known;
    const made = createServiceTraffic(() => forgetService(service));
    services.set(service, made);
    return made;
  }

  function booksOf(id: string): TargetBooks {
    const known = targets.get(id);
    if (known) return known;
    const made: TargetBooks = { open: 0, byService: new Map() };
    targets.set(id, made);
    return made;
  }

  function forget(id: string): void {
    if (routed?.targets.has(id) === false && targets.get(id)?.open === 0) targets.delete(id);
  }

  function forgetService(service: ServiceName | null): void {
    if (service !== null && routed?.services.has(service) === false && services.get(service)?.tally.open === 0) services.delete(service);
  }

  return {
    of,
    refused(status) {
      of(null).tally.end(status, 0);
    },
    underWay: createUnderWay(),
    begin(target, service) {
      const books = booksOf(target.id);
      const traffic = trafficIn(books, target, service);
      books.open += 1;
      traffic.tally.open += 1;
      return traffic;
    },
    ejected(target, service) {
      trafficIn(booksOf(target.id), target, service).tally.ejections += 1;
    },
    end({ target: { id }, tally }) {
      const books = booksOf(id);
      books.open -= 1;
      tally.open -= 1;
      if (books.open === 0) {
        forget(id);
        for (const listener of quietListeners) listener(id);
      }
      for (const listener of freedListeners) listener(id);
    },
    openOf: (target) => targets.get(target)?.open ?? 0,
    onQuiet: (listener) => void quietListeners.push(listener),
    onFreed: (listener) => void freedListeners.push(listener),
    keepOnly(now) {
      routed = now;
      for (const id of targets.keys()) forget(id);
      for (const service of services.keys()) forgetService(service);
    },
    *services() {
      for (const [service, { tally }] of services) yield [service, tally];
    },
    *targets() {
      for (const { byService } of targets.values()) yield* byService.values();
    },
    connections: { http1: 0, http2: 0, websocket: 0, tcp: 0, udp: 0 },
  };
}

function trafficIn({ byService }: TargetBooks, target: Target, service: ServiceName | null): TargetTraffic {
  const known = byService.get(service);
  // One that comes back under its name may be of another release.
  if (known?.target.release === target.release) return known;
  const made = { target, service, tally: new TargetTally() };
  byService.set(service, made);
  return made;
}

function createServiceTraffic(onQuiet: () => void): ServiceTraffic {
  const tally = new ServiceTally();
  let turn = 0;
  return {
    tally,
    nextTurn() {
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
      return turn;
    },
    begin() {
      tally.open += 1;
    },
    end(ending, seconds) {
      tally.open -= 1;
      tally.end(ending, seconds);
      if (tally.open === 0) onQuiet();
    },
  };
}
