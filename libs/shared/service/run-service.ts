import { collectDefaultMetrics, Registry } from 'prom-client';
import { createBusMetrics } from '../bus/bus-metrics.ts';
import { createBus } from '../bus/index.ts';
import { type Closable, errorMessage, wait } from '../kernel/index.ts';
import { createExamination } from './examination.ts';
import { createExamineAccess } from './examine-access.ts';
import { startHealthServer } from './health-server.ts';
import { createLogger } from './logger.ts';
import type { Logger, ServiceDefinition } from './service.ts';
import { readEnvironment, ServiceConfig } from './service-config.ts';

/** All parts together have this long to close, in milliseconds; then the process ends anyway. */
const closeWithinMs = 5_000;

/**
 * The life of a component: reads its settings, opens the doors, starts its parts, waits for SIGTERM or SIGINT and closes everything in
 * reverse. A second signal means "now". Exits with 1 when a part could not start, so that the engine starts it again.
 */
export async function runService({
  identity,
  parts,
  waitForBus = true,
  closeWithin = closeWithinMs,
  start,
}: ServiceDefinition): Promise<void> {
  const config = readEnvironment(ServiceConfig, process.env);
  const log = createLogger({ identity, instance: config.KEDGE_INSTANCE, level: config.KEDGE_LOG_LEVEL });
  const stopping = new AbortController();
  listenToSignals(stopping, log);

  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const states: Record<string, boolean | string> = Object.fromEntries(['start', ...parts].map((part) => [part, 'not started yet']));
  const bus = createBus({
    identity,
    node: config.KEDGE_NODE,
    instance: config.KEDGE_INSTANCE,
    url: config.KEDGE_BUS_URL,
    keysFolder: config.KEDGE_KEYS,
    log,
    metrics: createBusMetrics(metrics),
  });
  const busState = () => (bus.isConnected() ? (bus.writeTrouble()?.message ?? true) : 'disconnected');
  const allParts = () => ({ bus: waitForBus ? busState() : true, ...states });
  const { examine, passed, tellPasses, serve } = createExamination({ bus, parts: allParts });
  examine(createExamineAccess(bus));
  const open: Closable[] = [bus];
  try {
    const health = await startHealthServer({
      host: config.KEDGE_HEALTH_HOST,
      port: config.KEDGE_HEALTH_PORT,
      metrics,
      parts: allParts,
    });
    open.unshift(health);
    log.info({ healthPort: health.port }, 'started');
    if (waitForBus) await untilConnected(bus, stopping.signal);
    if (!stopping.signal.aborted) {
      const ready = (part: string, state: boolean | string) => {
        states[part] = state;
      };
      // Answers before everything is there: what a part waits for is just what is asked about.
      serve();
      const context = { bus, log, metrics, config, signal: stopping.signal, ready, passed, tellPasses, examine, durable: bus.durable };
      open.push(...(await start(context)));
      // Ready means that a question asked now is answered: the server must know of the subscriptions.
      if (waitForBus) await bus.flushed();
      ready('start', true);
      await aborted(stopping.signal);
    }
  } catch (thrown) {
    log.fatal({ err: thrown }, 'could not run');
    process.exitCode = 1;
  }
  await closeAll({ open, withinMs: closeWithin, log });
  log.info('stopped');
  process.exit();
}

function listenToSignals(stopping: AbortController, log: Logger): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      log.info({ signal }, 'stopping');
      stopping.abort();
    });
  }
  process.on('unhandledRejection', (thrown) => {
    log.fatal({ err: thrown }, 'a promise was rejected and nobody looked');
    process.exit(1);
  });
}

async function untilConnected(bus: { readonly connected: (waitMs: number) => Promise<void> }, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await bus.connected(1_000);
      return;
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'BUS_UNAVAILABLE') continue;
      throw thrown;
    }
  }
}

interface Closing {
  /** In the order in which they were opened. */
  readonly open: readonly Closable[];
  readonly withinMs: number;
  readonly log: Logger;
}

async function closeAll({ open, withinMs, log }: Closing): Promise<void> {
  const late = new AbortController();
  const inReverse = (async () => {
    for (const part of open.toReversed()) {
      await part.close().catch((thrown: unknown) => log.error({ reason: errorMessage(thrown) }, 'a part did not close'));
    }
    return true;
  })();
  const inTime = await Promise.race([inReverse, wait(withinMs, late.signal).then(() => false)]);
  late.abort();
  if (!inTime) log.warn({ withinMs }, 'gave up closing');
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
