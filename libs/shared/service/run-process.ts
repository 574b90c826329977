import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Identity } from '../contracts/index.ts';
import { type Closable, errorMessage, wait } from '../kernel/index.ts';
import { startHealthServer } from './health-server.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './service.ts';
import { readEnvironment, ServiceConfig } from './service-config.ts';

/** True when it is ready, else what it waits for. */
type PartState = boolean | string;

/** What a process gets from its front door. */
export interface ProcessContext {
  readonly log: Logger;
  readonly metrics: Registry;
  readonly config: ServiceConfig;
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal;
  /** Reports whether a part is ready, for `/readyz`, or how that can be asked; a part that never reported counts as not ready. */
  readonly ready: (part: string, state: PartState | (() => PartState)) => void;
  /** All parts, as `/readyz` shows them. */
  readonly states: () => Readonly<Record<string, PartState>>;
  /** Something to close at the end, before what was handed over earlier. */
  readonly opened: (part: Closable) => void;
}

/** What a process is: parts that start in order and close in reverse. */
export interface ProcessDefinition {
  readonly identity: Identity;
  /** Names of the parts that must be ready before `/readyz` says yes. */
  readonly parts: readonly string[];
  /** All parts together have this long to close, in milliseconds. Default 5 s. */
  readonly closeWithin?: number | undefined;
  /** Makes and starts the parts, each of which it hands to `opened`. */
  readonly start: (context: ProcessContext) => Promise<void>;
}

/** All parts together have this long to close, in milliseconds; then the process ends anyway. */
const usuallyWithinMs = 5_000;

/**
 * The life of a process: reads its settings, opens its health door, starts its parts, waits for SIGTERM or SIGINT and closes everything in
 * reverse. A second signal means "now". Exits with 1 when a part could not start, so that the engine starts it again.
 */
export async function runProcess({ identity, parts, closeWithin = usuallyWithinMs, start }: ProcessDefinition): Promise<void> {
  const config = readEnvironment(ServiceConfig, process.env);
  const log = createLogger({ identity, instance: config.KEDGE_INSTANCE, level: config.KEDGE_LOG_LEVEL });
  const stopping = new AbortController();
  listenToSignals(stopping, log);

  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const told = new Map<string, PartState | (() => PartState)>(['start', ...parts].map((part) => [part, 'not started yet']));
  const ready: ProcessContext['ready'] = (part, state) => void told.set(part, state);
  const states = () => Object.fromEntries([...told].map(([part, state]) => [part, typeof state === 'function' ? state() : state]));
  const open: Closable[] = [];
  try {
    const health = await startHealthServer({ host: config.KEDGE_HEALTH_HOST, port: config.KEDGE_HEALTH_PORT, metrics, parts: states });
    open.push(health);
    log.info({ healthPort: health.port }, 'started');
    await start({
      log,
      metrics,
      config,
      signal: stopping.signal,
      ready,
      states,
      opened: (part) => void open.push(part),
    });
    if (!stopping.signal.aborted) ready('start', true);
    await aborted(stopping.signal);
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
