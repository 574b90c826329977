import type { ServiceName } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { Gauge } from 'prom-client';
import type { CronNotices } from '../ports.ts';

/** Says in the log what is to be said of cron expressions, and counts the invalid ones. */
export function createCronNotices({ log, invalidExpressions }: { readonly log: Logger; readonly invalidExpressions: Gauge }): CronNotices {
  const invalid = new Set<ServiceName>();
  const said = new Map<ServiceName, string>();

  function isNews(service: ServiceName, cron: string): boolean {
    const news = said.get(service) !== cron;
    said.set(service, cron);
    return news;
  }

  function count(): void {
    invalidExpressions.set(invalid.size);
  }

  function gone(service: ServiceName): void {
    invalid.delete(service);
    count();
    said.delete(service);
  }

  return {
    invalid({ service, cron, reason }) {
      invalid.add(service);
      count();
      if (isNews(service, cron)) log.error({ service, cron, reason }, 'cron expression is not valid, the job does not run');
    },
    valid({ service, cron, warning }) {
      invalid.delete(service);
      count();
      if (isNews(service, cron) && warning !== null)
        log.warn({ service, cron, warning }, 'cron expression may mean something else than you think');
    },
    gone,
    keepOnly(services) {
      for (const service of [...said.keys()]) if (!services.has(service)) gone(service);
    },
  };
}
