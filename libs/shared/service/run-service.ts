import { createBusMetrics } from '../bus/bus-metrics.ts';
import { createBus } from '../bus/index.ts';
import { createExamination } from './examination.ts';
import { createExamineAccess } from './examine-access.ts';
import { runProcess } from './run-process.ts';
import type { ServiceDefinition } from './service.ts';

/** The life of a component: a process that is on the bus, and answers `kedge doctor` there; see `runProcess`. */
export async function runService({ identity, parts, waitForBus = true, closeWithin, start }: ServiceDefinition): Promise<void> {
  await runProcess({
    identity,
    parts: ['bus', ...parts],
    closeWithin,
    async start({ states, opened, ...own }) {
      const { config, log, metrics, signal, ready } = own;
      const bus = createBus({
        identity,
        node: config.KEDGE_NODE,
        instance: config.KEDGE_INSTANCE,
        url: config.KEDGE_BUS_URL,
        keysFolder: config.KEDGE_KEYS,
        log,
        metrics: createBusMetrics(metrics),
      });
      opened(bus);
      const busState = () => (bus.isConnected() ? (bus.writeTrouble()?.message ?? true) : 'disconnected');
      ready('bus', waitForBus ? busState : true);
      const { examine, passed, tellPasses, serve } = createExamination({ bus, parts: states });
      examine(createExamineAccess(bus));
      if (waitForBus) await untilConnected(bus, signal);
      if (signal.aborted) return;
      // Answers before everything is there: what a part waits for is just what is asked about.
      serve();
      for (const part of await start({ ...own, bus, passed, tellPasses, examine, durable: bus.durable })) opened(part);
      // Ready means that a question asked now is answered: the server must know of the subscriptions.
      if (waitForBus) await bus.flushed();
    },
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
