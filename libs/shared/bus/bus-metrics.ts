import { Counter, Registry } from 'prom-client';

/** Counters of what the bus of this process refused or repeated. */
export interface BusMetrics {
  readonly rejected: Counter<'subject'>;
  readonly published: Counter<'subject'>;
  readonly reconnects: Counter;
}

/** Counts into `registry`; without one, where nobody reads. */
export function createBusMetrics(registry: Registry = new Registry()): BusMetrics {
  const registers = [registry];
  return {
    rejected: new Counter({
      name: 'kedge_bus_rejected_total',
      help: 'Messages and stored values that did not fit their contract',
      labelNames: ['subject'],
      registers,
    }),
    published: new Counter({
      name: 'kedge_bus_published_total',
      help: 'Events and commands acknowledged by the stream',
      labelNames: ['subject'],
      registers,
    }),
    reconnects: new Counter({ name: 'kedge_bus_reconnects_total', help: 'Times the connection to NATS came back', registers }),
  };
}
