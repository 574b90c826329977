import type { Bus } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';
import { type Closable, errorCode, errorMessage, startPeriodic } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { DeclaredJobs, Schedule } from '../ports.ts';

/** Everything is looked at again this often, whatever wakes were lost. */
const fullPassMs = 30_000;

interface WakePorts {
  readonly bus: Pick<Bus, 'wake' | 'onReconnect'>;
  readonly jobs: DeclaredJobs;
  readonly schedule: Schedule;
  readonly look: (service: ServiceName) => void;
  readonly log: Logger;
  readonly ready: (state: boolean | string) => void;
  /** Told which jobs there are, each time that all of them were found: each has a look of its own now. */
  readonly wanted: (services: ReadonlySet<ServiceName>) => void;
}

/** Has every job looked at now, every 30 s, after a change of the configuration and after a reconnect. */
export function startWakes({ bus, jobs, schedule, look, log, ready, wanted }: WakePorts): Closable {
  const passes = startPeriodic({
    everyMs: fullPassMs,
    async work() {
      const [declared, scheduled] = await Promise.all([jobs.services(), schedule.services()]);
      const services = new Set([...declared, ...scheduled]);
      wanted(services);
      for (const service of services) look(service);
      ready(true);
    },
    onError(thrown) {
      log.warn({ code: errorCode(thrown), reason: errorMessage(thrown) }, 'the jobs could not be read');
      ready(errorMessage(thrown));
    },
  });
  bus.wake('config.changed', () => passes.wake());
  bus.onReconnect(() => passes.wake());
  return passes;
}
