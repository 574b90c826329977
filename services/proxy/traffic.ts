import type { ServiceName } from '@kedge/shared/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createUnderWay, type UnderWay } from './under-way.ts';

/** How a request ended, from the client's side; `aborted` when the client or the connection went away first. */
export type Ending = number | 'aborted';

/** What happens to the requests of one service. */
export interface ServiceTraffic {
  /** Grows by one with each call: whose turn it is among the targets. */
  nextTurn(): number;
  begin(): void;
  end(ending: Ending, seconds: number): void;
}

/** Open requests of every target, and the numbers that people look at. */
export interface Traffic {
  /** Null stands for requests that no service answers. */
  of(service: ServiceName | null): ServiceTraffic;
  /** Counts what was refused before it was anybody's. */
  refused(status: number): void;
  /** Requests of all services. */
  readonly underWay: UnderWay;
  begin(target: string): void;
  end(target: string): void;
  openOf(target: string): number;
  /** Called when the last open request of a target ended. */
  onQuiet(listener: (target: string) => void): void;
}

const endings = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Registers its metrics, so that a registry takes one of it. */
export function createTraffic(registry: Registry): Traffic {
  const registers = [registry];
  const requests = new Counter({
    name: 'kedge_requests_total',
    help: 'Requests answered, by service and class of the status',
    labelNames: ['service', 'code'],
    registers,
  });
  const seconds = new Histogram({
    name: 'kedge_request_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['service'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers,
  });
  const open = new Map<string, number>();
  const openByService = new Map<string, number>();
  const services = new Map<ServiceName | null, ServiceTraffic>();
  const quietListeners: ((target: string) => void)[] = [];
  const openRequests = new Gauge({
    name: 'kedge_open_requests',
    help: 'Requests and upgraded connections under way',
    labelNames: ['service'],
    registers,
    collect: () => {
      for (const [service, count] of openByService) openRequests.set({ service }, count);
    },
  });

  /** Metric children are resolved once per service: the hot path only counts. */
  function createServiceTraffic(service: string): ServiceTraffic {
    const byEnding = endings.map((code) => requests.labels(service, code));
    const duration = seconds.labels(service);
    let turn = 0;
    return {
      nextTurn() {
        turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
        return turn;
      },
      begin: () => void openByService.set(service, (openByService.get(service) ?? 0) + 1),
      end(ending, elapsed) {
        openByService.set(service, (openByService.get(service) ?? 1) - 1);
        byEnding[ending === 'aborted' ? 0 : Math.floor(ending / 100)]?.inc();
        duration.observe(elapsed);
      },
    };
  }

  function of(service: ServiceName | null): ServiceTraffic {
    const known = services.get(service);
    if (known) return known;
    const made = createServiceTraffic(service ?? '');
    services.set(service, made);
    return made;
  }

  return {
    of,
    refused(status) {
      const nobody = of(null);
      nobody.begin();
      nobody.end(status, 0);
    },
    underWay: createUnderWay(),
    begin: (target) => void open.set(target, (open.get(target) ?? 0) + 1),
    end(target) {
      const left = (open.get(target) ?? 1) - 1;
      if (left > 0) {
        open.set(target, left);
        return;
      }
      open.delete(target);
      for (const listener of quietListeners) listener(target);
    },
    openOf: (target) => open.get(target) ?? 0,
    onQuiet: (listener) => void quietListeners.push(listener),
  };
}
