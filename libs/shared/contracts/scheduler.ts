import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Instant, NodeName, ServiceName } from './names.ts';

/** KV `schedule`, key `<node>.<service>`: the clock of one job. An instant at or before `last` never fires again. */
export const ScheduleEntry = z
  .object({
    node: NodeName,
    service: ServiceName,
    cron: z.string(),
    /** IANA time zone the expression is read in. */
    zone: z.string(),
    last: Instant.nullable(),
    next: Instant.nullable(),
    ...owing,
  })
  .meta({ id: 'ScheduleEntry' });
export type ScheduleEntry = z.infer<typeof ScheduleEntry>;

/** Only people read how many instants were missed. Nobody counts further: each one takes a while to find, and everything else would wait for it. */
export const mostMissedCounted = 20;

/** `job.due`: run the job for this instant. */
export const JobDue = z
  .object({
    service: ServiceName,
    instant: Instant,
    /** It is too late for that: say that it is skipped. So many instants were missed, at most `mostMissedCounted`, this one the last. */
    missed: z.int().min(1).optional(),
  })
  .meta({ id: 'JobDue' });
export type JobDue = z.infer<typeof JobDue>;
