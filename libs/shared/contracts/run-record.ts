import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Instant, NodeName, ReleaseName, ServiceName } from './names.ts';

/** KV `runs`, key `<node>.<service>.<instant in epoch seconds>`: one firing of a job. Whoever creates the key runs it: that is the "once". */
export const RunRecord = z
  .object({
    node: NodeName,
    service: ServiceName,
    instant: Instant,
    state: z.enum(['claimed', 'running', 'finished', 'skipped']),
    /** Why it was skipped, or how it ended. */
    reason: z.string().optional(),
    /** It was skipped as the last of so many that the scheduler missed. Should it become due after all, because only a clock was ahead, it runs. */
    missed: z.int().min(1).optional(),
    release: ReleaseName.optional(),
    container: z.string().optional(),
    startedAt: Instant.optional(),
    finishedAt: Instant.optional(),
    exitCode: z.int().optional(),
    /** The last output, at most 64 KiB. */
    output: z.string().optional(),
    ...owing,
  })
  .meta({ id: 'RunRecord' });
export type RunRecord = z.infer<typeof RunRecord>;

/** `job.started`: the container of this firing runs. */
export const JobStarted = z.object({ instant: Instant, container: z.string() }).meta({ id: 'JobStarted' });
export type JobStarted = z.infer<typeof JobStarted>;

/** `job.finished`: it ended, well or not. */
export const JobFinished = z.object({ instant: Instant, exitCode: z.int(), durationMs: z.int() }).meta({ id: 'JobFinished' });
export type JobFinished = z.infer<typeof JobFinished>;

/** `job.skipped`: this firing will never run, nor those that were missed before it. */
export const JobSkipped = z
  .object({
    instant: Instant,
    reason: z.enum(['overlap', 'late', 'undeclared', 'not-started', 'down']),
    message: z.string(),
    /** It is the last of so many that the scheduler missed, at most `mostMissedCounted`. Absent: it tells of this one alone. */
    missed: z.int().min(1).optional(),
  })
  .meta({ id: 'JobSkipped' });
export type JobSkipped = z.infer<typeof JobSkipped>;
