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
  /** Told whenever every job was looked at. */
  readonly onFullPass: () => void;
}

/** Has every job looked at now, every 30 s, after a change of the configuration and after a reconnect. */
export function startWakes({ bus, jobs, schedule, look, log, ready, onFullPass }: WakePorts): Closable {
  const passes = startPeriodic({
    everyMs: fullPassMs,
    async work() {
      const [declared, scheduled] = await Promise.all([jobs.services(), schedule.services()]);
      for (const service of new Set([...declared, ...scheduled])) look(service);
      ready(true);
      onFullPass();
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
