import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Digest, Instant, NodeName, ReleaseName, ServiceName, Ulid } from './names.ts';
import { RolloutCause } from './rollout.ts';
import { ServiceSpec } from './service-spec.ts';

const ReleaseRef = z.object({
  release: ReleaseName,
  image: z.string(),
  digest: Digest,
  /** `local`: the engine's own image serves, because no registry knows the reference. */
  source: z.enum(['registry', 'local']),
});

/** KV `releases`, key `<node>.<service>`, history 64: which release serves, and what is under way. Its history is the deploy history. */
export const ReleaseRecord = z
  .object({
    node: NodeName,
    service: ServiceName,
    /** The release whose containers serve (or, for a job, ran last); null before the first success. */
    serving: ReleaseRef.extend({
      since: Instant,
      rollout: Ulid,
      /** What the release was declared with: a lost container is made anew from this while a newer spec is barred or waits. */
      spec: ServiceSpec.optional(),
      /** When this was read off the labels of what runs, because the store had lost it: what happened before is not known. */
      takenOverAt: Instant.optional(),
    }).nullable(),
    /**
     * Containers that Kedge did not make and that the service takes the place of, because a person agreed to it: removed when it serves,
     * brought back as they were when it cannot.
     */
    adopting: z.array(z.object({ container: z.string(), name: z.string(), wasRunning: z.boolean() })).optional(),
    /** Since when it leaves, because it was declared no more or all was taken down; something else under its name starts when it is gone. */
    leavingSince: Instant.optional(),
    /** All was taken down, and it with that: it is declared, and comes up again. */
    takenDown: z.boolean().optional(),
    /** The release that comes up again after that, until all of it is there: it starts in its order, also what ran once. */
    comingUp: z.object({ release: ReleaseName, since: Instant }).optional(),
    /** It ran when it began to leave: where it is wanted again, it runs again, also what only a trigger starts. */
    leftRunning: z.boolean().optional(),
    /** How many containers it had when it began to leave. */
    leftContainers: z.int().optional(),
    /** The release that requests went to then: a rollout may have moved them, and not ended. */
    leftRelease: ReleaseName.optional(),
    /** When nothing was left of it: that is owed or said, and the record goes next. */
    goneAt: Instant.optional(),
    /** The rollout under way; null when there is none. */
    rollout: ReleaseRef.extend({
      id: Ulid,
      cause: RolloutCause,
      startedAt: Instant,
      /** When it began to stop what serves, or the first of the rollouts that it took over from did; absent: none of them has. */
      stopsSince: Instant.optional(),
      from: ReleaseName.nullable(),
      strategy: z.enum(['start-first', 'stop-first']),
      strategyReason: z.string(),
      /** The planner's last step, by name. */
      step: z.string(),
      actor: z.string().optional(),
      causationid: z.string().optional(),
      /** Failed starts while nothing serves yet; drives the back-off. */
      attempts: z.int().optional(),
      /** When what it leads to was fit, and got the requests, where it gets any: the drain bound counts from here. */
      switchedAt: Instant.optional(),
      /** When the last old container lost the service's name: `dns_settle` counts from here. */
      settlingFrom: Instant.optional(),
      /** Requests still open on the old containers when the drain bound passed; absent: every proxy proved that there are none. */
      openAtBound: z.int().optional(),
    }).nullable(),
    /** How the last rollout ended. */
    last: z
      .object({
        rollout: Ulid,
        release: ReleaseName,
        outcome: z.enum(['succeeded', 'failed', 'rolledback', 'superseded']),
        reason: z.string(),
        startedAt: Instant,
        finishedAt: Instant,
        /** Of a failed one: the last lines of the container that it was judged by. */
        lastLines: z.array(z.string()).optional(),
      })
      .optional(),
    /** An obstacle that is no verdict (registry, engine, secret, dependency): tried again at `retryAt`. */
    waiting: z.object({ code: z.string(), message: z.string(), since: Instant, retryAt: Instant, failures: z.int() }).optional(),
    /** The image and spec hash that `watch = false` stays with. */
    pinned: z.object({ image: z.string(), digest: Digest, source: z.enum(['registry', 'local']) }).optional(),
    /** The last few requests that were honoured, so that a redelivered command does nothing twice. */
    honouredIds: z.array(z.string()).optional(),
    /** Somebody asked for it while nothing served: it stands until a rollout begins. */
    requested: z.object({ causationid: z.string(), actor: z.string().optional() }).optional(),
    ...owing,
  })
  .meta({ id: 'ReleaseRecord' });
export type ReleaseRecord = z.infer<typeof ReleaseRecord>;

/**
 * `service.removed`: nothing is left of what was declared once, nor a request that waits (for 120 s at most) for who takes a route of it over:
 * until then it comes back as it was when it is declared again. `release` served last; null: none ever did.
 */
export const ServiceRemoved = z
  .object({
    release: ReleaseName.nullable(),
    /** How many it had when it began to leave. */
    containers: z.int(),
    /** Since it began to leave. */
    durationMs: z.int(),
    reason: z.string(),
  })
  .meta({ id: 'ServiceRemoved' });
export type ServiceRemoved = z.infer<typeof ServiceRemoved>;
