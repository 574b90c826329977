import type { StatusReply } from '@kedge/shared/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The label `outcome` of `kedge_rollouts_total`. */
export type RolloutOutcome = 'succeeded' | 'failed' | 'superseded';

/** What `/metrics` shows beside what every component shows. */
export interface ReconcilerMetrics {
  rolloutEnded(outcome: RolloutOutcome): void;
  timed<Result>(pass: () => Promise<Result>): Promise<Result>;
  show(status: StatusReply, containers: number): void;
}

/** Once for each registry: names are taken once. */
export function createReconcilerMetrics(registry: Registry): ReconcilerMetrics {
  const registers = [registry];
  const rollouts = new Counter({
    name: 'kedge_rollouts_total',
    help: 'Rollouts that ended, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const services = new Gauge({
    name: 'kedge_services',
    help: 'Services by phase, as of the last look at everything.',
    labelNames: ['phase'],
    registers,
  });
  const passes = new Histogram({
    name: 'kedge_pass_seconds',
    help: 'Duration of one pass over one service.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120],
    registers,
  });
  const running = new Gauge({ name: 'kedge_containers', help: 'Containers of this node that Kedge made.', registers });
  return {
    rolloutEnded: (outcome) => rollouts.inc({ outcome }),
    async timed(pass) {
      const end = passes.startTimer();
      try {
        return await pass();
      } finally {
        end();
      }
    },
    show(status, containers) {
      services.reset();
      for (const { phase } of status.services) services.inc({ phase });
      running.set(containers);
    },
  };
}
