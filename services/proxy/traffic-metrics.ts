import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type DurationHistogram, durationBounds } from './core/duration-histogram.ts';
import { endingClasses } from './core/tally.ts';
import type { Ejections } from './ejections.ts';
import { clientProtocols, type Traffic } from './traffic.ts';

/** One value of a metric, and whose it is. */
type Value = readonly [labels: Readonly<Record<string, string>>, value: number];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly values: () => Iterable<Value>;
}

/** Shows traffic as metrics. They are made when somebody asks, of what was counted as plain numbers. */
export function showTraffic(registry: Registry, traffic: Traffic): void {
  const counters: readonly Metric[] = [
    {
      name: 'kedge_requests_total',
      help: 'Requests answered, by service and class of the status',
      labelNames: ['service', 'code'],
      values: () => ofServices(traffic, ({ endings }, service) => byClass(endings, { service })),
    },
    {
      name: 'kedge_received_bytes_total',
      help: 'Bytes of the bodies of requests, as far as they were read for a target',
      labelNames: ['service'],
      values: () => ofServices(traffic, ({ receivedBytes }, service) => [[{ service }, receivedBytes]]),
    },
    {
      name: 'kedge_sent_bytes_total',
      help: 'Bytes of the bodies of answers',
      labelNames: ['service'],
      values: () => ofServices(traffic, ({ sentBytes }, service) => [[{ service }, sentBytes]]),
    },
    {
      name: 'kedge_retries_total',
      help: 'Further targets that requests were given to',
      labelNames: ['service'],
      values: () => ofServices(traffic, ({ retries }, service) => [[{ service }, retries]]),
    },
    {
      name: 'kedge_target_requests_total',
      help: 'Requests that ended while a target had them, by class of the status',
      labelNames: ['service', 'target', 'code'],
      values: () => ofTargets(traffic, ({ endings }, labels) => byClass(endings, labels)),
    },
    {
      name: 'kedge_target_connect_failures_total',
      help: 'Connections to a target that did not come about',
      labelNames: ['service', 'target'],
      values: () => ofTargets(traffic, ({ connectFailures }, labels) => [[labels, connectFailures]]),
    },
    {
      name: 'kedge_target_ejections_total',
      help: 'How often a target was left out for a while, because it failed again and again',
      labelNames: ['service', 'target'],
      values: () => ofTargets(traffic, ({ ejections }, labels) => [[labels, ejections]]),
    },
  ];
  const gauges: readonly Metric[] = [
    {
      name: 'kedge_open_requests',
      help: 'Requests and upgraded connections under way',
      labelNames: ['service'],
      values: () => ofServices(traffic, ({ open }, service) => [[{ service }, open]]),
    },
    {
      name: 'kedge_target_open_requests',
      help: 'Requests and connections that a target has',
      labelNames: ['service', 'target'],
      values: () => ofTargets(traffic, ({ open }, labels) => [[labels, open]]),
    },
    {
      name: 'kedge_client_connections',
      help: 'Open connections of clients, by what is spoken on them; a WebSocket counts beside the connection that carries it',
      labelNames: ['protocol'],
      values: () => clientProtocols.map((protocol): Value => [{ protocol }, traffic.connections[protocol]]),
    },
  ];
  for (const metric of counters) registry.registerMetric(new ShownCounter(metric));
  for (const metric of gauges) registry.registerMetric(new ShownGauge(metric));
  registry.registerMetric(
    new ShownDurations(() => [...traffic.services()].map(([service, { durations }]) => [{ service: service ?? '' }, durations])),
  );
}

/** Shows which targets are left out at the moment: 1 for those, nothing for the others. */
export function showEjections(
  registry: Registry,
  { traffic, ejections }: { readonly traffic: Traffic; readonly ejections: Pick<Ejections, 'isOut'> },
): void {
  const leftOut: Metric = {
    name: 'kedge_target_left_out',
    help: 'Targets that are left out at the moment, because they failed again and again or their checks did',
    labelNames: ['service', 'target'],
    *values() {
      for (const { service, target } of traffic.targets())
        if (service !== null && ejections.isOut(service, target.id)) yield [{ service, target: target.id }, 1];
    },
  };
  registry.registerMetric(new ShownGauge(leftOut));
}

function* ofServices(
  traffic: Traffic,
  valuesOf: (tally: ReturnType<Traffic['of']>['tally'], service: string) => Iterable<Value>,
): Iterable<Value> {
  for (const [service, tally] of traffic.services()) yield* valuesOf(tally, service ?? '');
}

function* ofTargets(
  traffic: Traffic,
  valuesOf: (tally: ReturnType<Traffic['begin']>['tally'], labels: Readonly<Record<string, string>>) => Iterable<Value>,
): Iterable<Value> {
  for (const { service, target, tally } of traffic.targets()) yield* valuesOf(tally, { service: service ?? '', target: target.id });
}

function byClass(endings: readonly number[], labels: Readonly<Record<string, string>>): Value[] {
  return endingClasses.flatMap((code, index): Value[] => (endings[index] ? [[{ ...labels, code }, endings[index]]] : []));
}

class ShownCounter extends Counter {
  readonly #values: Metric['values'];

  constructor({ values, ...metric }: Metric) {
    super({ ...metric, registers: [] });
    this.#values = values;
  }

  override async get() {
    this.reset();
    for (const [labels, value] of this.#values()) this.inc(labels, value);
    return await super.get();
  }
}

class ShownGauge extends Gauge {
  readonly #values: Metric['values'];

  constructor({ values, ...metric }: Metric) {
    super({ ...metric, registers: [] });
    this.#values = values;
  }

  override async get() {
    this.reset();
    for (const [labels, value] of this.#values()) this.set(labels, value);
    return await super.get();
  }
}

const secondsName = 'kedge_request_seconds';
const secondsHelp = 'Time from the head of a request to the end of its answer';

type LabelledDurations = readonly [labels: Readonly<Record<string, string>>, durations: DurationHistogram];

class ShownDurations extends Histogram {
  readonly #durations: () => readonly LabelledDurations[];

  constructor(durations: () => readonly LabelledDurations[]) {
    super({
      name: secondsName,
      help: secondsHelp,
      labelNames: ['service'],
      buckets: [...durationBounds],
      registers: [],
    });
    this.#durations = durations;
  }

  /** What the registry asks histograms for. */
  async getForPromString() {
    return await Promise.resolve({
      name: secondsName,
      help: secondsHelp,
      type: 'histogram',
      aggregator: 'sum',
      values: this.#durations().flatMap(seriesOf),
    });
  }
}

function seriesOf([labels, { counts, sum }]: LabelledDurations) {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return { metricName: `${secondsName}_bucket`, labels: { le: durationBounds[index] ?? '+Inf', ...labels }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${secondsName}_sum`, labels, value: sum },
    { metricName: `${secondsName}_count`, labels, value: total },
  ];
}
