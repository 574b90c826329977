import type { ServiceName } from '@kedge/shared/contracts';
import { createWorkQueue, errorCode, errorMessage, inLogContext } from '@kedge/shared/kernel';
import { createPassAges, readEnvironment, runService } from '@kedge/shared/service';
import { Counter, Gauge } from 'prom-client';
import { createBusSchedule } from './adapters/bus-schedule.ts';
import { createCronNotices } from './adapters/cron-notices.ts';
import { createDeclaredJobs } from './adapters/declared-jobs.ts';
import { createAdvanceJob } from './advance-job.ts';
import { SchedulerConfig } from './config.ts';
import { startWakes } from './inbound/wakes.ts';

/** After a pass that failed, for example because the bus is away. */
const retryMs = 2_000;

await runService({
  identity: 'scheduler',
  parts: ['schedule'],
  start: async ({ bus, log, metrics, ready, tellPasses }) => {
    const { zone } = readEnvironment(SchedulerConfig, process.env);
    const jobsDue = new Counter({
      name: 'kedge_jobs_due_total',
      help: 'Instants that this scheduler said a job is due for.',
      labelNames: ['service'],
      registers: [metrics],
    });
    const invalidExpressions = new Gauge({
      name: 'kedge_cron_expressions_invalid',
      help: 'Declared jobs that never run because their cron expression is not valid.',
      registers: [metrics],
    });
    const jobs = createDeclaredJobs(bus);
    const schedule = createBusSchedule(bus);
    const ages = createPassAges<ServiceName>();
    tellPasses(ages.summary);
    const notices = createCronNotices({ log, invalidExpressions });
    const advanceJob = createAdvanceJob({
      node: bus.node,
      zone,
      jobs,
      schedule,
      clock: { now: () => new Date(), monotonicMs: () => performance.now() },
      notices,
      log,
      onDue: (service) => jobsDue.inc({ service }),
    });
    const queue = createWorkQueue<ServiceName>({
      concurrency: 16,
      work: async (service) => await ages.around(service, async () => await inLogContext({ service }, () => advanceJob(service))),
      onError(service, thrown) {
        log.warn({ service, code: errorCode(thrown), reason: errorMessage(thrown) }, 'the job could not be looked at');
        return { requeueAfterMs: retryMs };
      },
    });
    const wanted = (services: ReadonlySet<ServiceName>) => {
      ages.wanted(services);
      notices.keepOnly(services);
    };
    log.info({ zone }, 'cron expressions are read in this zone');
    return [queue, startWakes({ bus, jobs, schedule, look: queue.add, log, ready: (state) => ready('schedule', state), wanted })];
  },
});
