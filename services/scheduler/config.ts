import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';

/** Settings of the scheduler, beside those that every component shares. An unknown zone is refused: jobs would run at a wrong hour. */
export const SchedulerConfig = z
  .object({
    /** Time zone in which cron expressions are read. */
    KEDGE_ZONE: z.string().optional(),
    /** Taken when KEDGE_ZONE is absent, as other programs on the machine do. */
    TZ: z.string().optional(),
  })
  .transform(({ KEDGE_ZONE, TZ }, context) => {
    const zone = KEDGE_ZONE ?? TZ ?? 'UTC';
    if (!isTimeZone(zone)) {
      const name = KEDGE_ZONE === undefined ? 'TZ' : 'KEDGE_ZONE';
      context.addIssue({ code: 'custom', path: [name], message: unknownZone(zone) });
    }
    return { zone };
  });
export type SchedulerConfig = z.infer<typeof SchedulerConfig>;

function unknownZone(zone: string): string {
  const near = nearest(zone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  const hint = near === null ? 'write it like "Europe/Berlin" or "UTC".' : `did you mean "${near}"?`;
  return `"${zone}" is no IANA time zone; ${hint} Set KEDGE_ZONE in the environment or in .env, and start the stack again`;
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
