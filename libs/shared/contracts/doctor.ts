import { z } from 'zod';
import { Instant, NodeName, ServiceName } from './names.ts';

/** One thing that was looked at, for people. `warning`: it works, and soon may not; `failed`: something does not work because of it. */
export const Finding = z
  .object({
    /** What was looked at, in a word or two: `engine`, `disk`, `registry docker.io`. */
    what: z.string(),
    state: z.enum(['fine', 'warning', 'failed']),
    /** What was seen. */
    message: z.string(),
    /** What to do about it; absent when all is well. */
    advice: z.string().optional(),
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;
/** A finding of this version: whatever is not fine says what to do. */
export type Found = Pick<Finding, 'what' | 'message'> &
  ({ readonly state: 'fine' } | { readonly state: 'warning' | 'failed'; readonly advice: string });

/** `doctor.<component>`: look at yourself and at what you need, now. */
export const DoctorRequest = z.object({}).meta({ id: 'DoctorRequest' });
export type DoctorRequest = z.infer<typeof DoctorRequest>;
/** What a component says of itself; each instance answers for itself. */
export const DoctorReply = z
  .object({
    node: NodeName,
    instance: z.string(),
    version: z.string(),
    /** By the component's clock, when it answered. */
    now: Instant,
    startedAt: Instant,
    /** When it last looked at everything and came to an end; null before the first time. */
    lastPassAt: Instant.nullable(),
    /**
     * Where each service has a look of its own: the one whose last look ended the longest ago, or is still owed. `underWay`: looks that run
     * now, its own (`running`) among them.
     */
    oldestPass: z.object({ service: ServiceName, since: Instant, running: z.boolean(), underWay: z.int() }).optional(),
    /** True for an instance that looks at nothing, because it leaves that to another one. */
    standsBy: z.boolean().optional(),
    /** True, or why not, for each part that must be ready. */
    parts: z.record(z.string(), z.union([z.boolean(), z.string()])),
    findings: z.array(Finding),
  })
  .meta({ id: 'DoctorReply' });
export type DoctorReply = z.infer<typeof DoctorReply>;
