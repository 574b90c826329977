import { z } from 'zod';
import { Digest, Instant, ReleaseName, Remark, ServiceName, Ulid } from './names.ts';

/** What made a rollout start. */
export const RolloutCause = z.enum(['first-start', 'image-updated', 'config-changed', 'requested', 'secret-rotated', 'repair']);
export type RolloutCause = z.infer<typeof RolloutCause>;

/** Why a release was judged. */
export const VerdictReason = z.enum(['gate-failed', 'crashed', 'exited', 'unhealthy']);
export type VerdictReason = z.infer<typeof VerdictReason>;

/** `deploy.requested`: roll the service to what its configuration and registry say now, even when `watch = false`. */
export const DeployRequested = z
  .object({
    service: ServiceName,
    /**
     * `deploy` (default) asks the registry again, lifts the bars of the service and rolls; `clear` lifts the bars and lets the next pass
     * decide; `adopt` lets the service take the place of containers under its name, or on its ports, that Kedge did not make.
     */
    action: z.enum(['deploy', 'clear', 'adopt']).optional(),
    reason: Remark.optional(),
  })
  .meta({ id: 'DeployRequested' });
export type DeployRequested = z.infer<typeof DeployRequested>;

const rolloutFacts = { rollout: Ulid, release: ReleaseName, image: z.string(), digest: Digest };

/** `deploy.started`: a rollout began; `from` is null where nothing served before. */
export const DeployStarted = z
  .object({
    ...rolloutFacts,
    cause: RolloutCause,
    from: ReleaseName.nullable(),
    strategy: z.enum(['start-first', 'stop-first']),
    reason: z.string(),
  })
  .meta({ id: 'DeployStarted' });
export type DeployStarted = z.infer<typeof DeployStarted>;

/** `deploy.progressed`: one step of a rollout was taken. */
export const DeployProgressed = z.object({ ...rolloutFacts, step: z.string(), message: z.string() }).meta({ id: 'DeployProgressed' });
export type DeployProgressed = z.infer<typeof DeployProgressed>;

/** `deploy.succeeded`: the new release serves, and the old containers are gone. */
export const DeploySucceeded = z
  .object({
    ...rolloutFacts,
    durationMs: z.int(),
    /** True when the old containers left on proof from every proxy; false when the bound passed first. */
    drained: z.boolean(),
    /** Requests still open on the old containers when the bound passed. */
    openRequests: z.int(),
  })
  .meta({ id: 'DeploySucceeded' });
export type DeploySucceeded = z.infer<typeof DeploySucceeded>;

/** `deploy.failed`: the release was judged. `barred`: another one serves, so it is not tried again by itself. */
export const DeployFailed = z
  .object({
    ...rolloutFacts,
    reason: VerdictReason,
    message: z.string(),
    exitCode: z.int().optional(),
    /** The last 20 lines of the container that failed. */
    lastLines: z.array(z.string()),
    barred: z.boolean(),
  })
  .meta({ id: 'DeployFailed' });
export type DeployFailed = z.infer<typeof DeployFailed>;

/** `deploy.rolledback`: the old release, `to`, had made room for the one that was judged, and serves again. */
export const DeployRolledBack = z
  .object({ ...rolloutFacts, to: ReleaseName, reason: VerdictReason, message: z.string() })
  .meta({ id: 'DeployRolledBack' });
export type DeployRolledBack = z.infer<typeof DeployRolledBack>;

/** The rollout ended without a verdict, because something else is wanted by now. */
export const DeploySuperseded = z.object({ ...rolloutFacts, reason: z.string(), durationMs: z.int() }).meta({ id: 'DeploySuperseded' });
export type DeploySuperseded = z.infer<typeof DeploySuperseded>;

/** `gate.requested`: a rollout waits until `deadline` for somebody to say `gate.answered`. */
export const GateRequested = z
  .object({ rollout: Ulid, release: ReleaseName, gate: z.string(), question: z.string(), deadline: Instant })
  .meta({ id: 'GateRequested' });
export type GateRequested = z.infer<typeof GateRequested>;

/** `gate.answered`: the answer of a person or hook to a gate of this rollout. */
export const GateAnswered = z
  .object({ rollout: Ulid, gate: Remark, answer: z.enum(['yes', 'no']), reason: Remark.optional() })
  .meta({ id: 'GateAnswered' });
export type GateAnswered = z.infer<typeof GateAnswered>;
