import { z } from 'zod';

/**
 * How a proxy spreads the requests of a service over its targets. All of it may be absent, and what a proxy does not understand it passes over:
 * then targets take turns. Durations in milliseconds.
 */
export const Balancing = z
  .object({
    /** `round-robin`, `least-requests` or `hash`. */
    balance: z.string().optional(),
    /** With `hash`: `client-ip`, `header:<name>` or `cookie:<name>`. */
    hash_by: z.string().optional(),
    /** A client stays with its target by this cookie. */
    /** Absent name: one of the service's own, so that services of one host do not overwrite each other's. */
    sticky: z.object({ cookie: z.string().optional() }).optional(),
    /** Targets that fail so often in a row are left out for a while, unless too few (percent) would be left. */
    eject: z.object({ failures: z.int(), base_ms: z.int(), max_ms: z.int(), panic: z.number() }).optional(),
    /** Answers with these statuses are asked for again elsewhere, if that does no harm; of all requests so many percent. */
    retry: z.object({ attempts: z.int(), statuses: z.array(z.int()), budget: z.number() }).optional(),
    /** Each target is asked by itself, whether it serves. */
    check: z
      .object({
        path: z.string(),
        host: z.string().optional(),
        interval_ms: z.int(),
        timeout_ms: z.int(),
        failures: z.int(),
        successes: z.int(),
      })
      .optional(),
    /** A target has so many requests at most; others wait, so many and so long. */
    limit: z.object({ concurrent: z.int(), queue: z.int(), timeout_ms: z.int() }).optional(),
  })
  .meta({ id: 'Balancing' });
export type Balancing = z.infer<typeof Balancing>;
