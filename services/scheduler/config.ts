import { z } from 'zod';

const TimeZone = z.string().refine(isTimeZone, 'must be an IANA time zone such as "Europe/Berlin" or "UTC"');

/** Settings of the scheduler, beside those that every component shares. */
export const SchedulerConfig = z
  .object({
    /** Time zone in which cron expressions are read. */
    KEDGE_ZONE: TimeZone.optional(),
    /** Taken when KEDGE_ZONE is absent, as other programs on the machine do. */
    TZ: z.string().optional(),
  })
  .transform(({ KEDGE_ZONE, TZ }) => ({ zone: KEDGE_ZONE ?? TZ ?? 'UTC' }))
  .pipe(z.object({ zone: TimeZone }));
export type SchedulerConfig = z.infer<typeof SchedulerConfig>;

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
