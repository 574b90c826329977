import { z } from 'zod';
import { Instant, NodeName } from './names.ts';

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

/** `doctor.<component>`: look at yourself and at what you need, now. */
export const DoctorRequest = z.object({}).meta({ id: 'DoctorRequest' });
export type DoctorRequest = z.infer<typeof DoctorRequest>;
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
    /** True, or why not, for each part that must be ready. */
    parts: z.record(z.string(), z.union([z.boolean(), z.string()])),
    findings: z.array(Finding),
  })
  .meta({ id: 'DoctorReply' });
export type DoctorReply = z.infer<typeof DoctorReply>;
