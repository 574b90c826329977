import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Digest, Instant, NodeName, ReleaseName, Revision, ServiceName, Ulid } from './names.ts';
import { ProxySettings, ServiceSpec } from './service-spec.ts';

/** What whoever asks for something says about it. */
const Remark = z.string().max(2_000);

/** What made a rollout start. */
export const RolloutCause = z.enum(['first-start', 'image-updated', 'config-changed', 'requested', 'secret-rotated', 'repair']);
export type RolloutCause = z.infer<typeof RolloutCause>;

/** Why a release was judged. */
export const VerdictReason = z.enum(['gate-failed', 'crashed', 'exited', 'unhealthy']);
export type VerdictReason = z.infer<typeof VerdictReason>;

/** What a service does, for people. `waiting` always comes with a reason. */
export const ServicePhase = z.enum(['waiting', 'rolling', 'serving', 'completed', 'failed', 'idle', 'stopped', 'removing']);
export type ServicePhase = z.infer<typeof ServicePhase>;

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
    /** Since when it leaves, because it was declared no more; something else under its name starts when it is gone. */
    leavingSince: Instant.optional(),
    /** It ran when it began to leave: where it is wanted again, it runs again, whatever its restart policy says of ends. */
    leftRunning: z.boolean().optional(),
    /** The rollout under way; null when there is none. */
    rollout: ReleaseRef.extend({
      id: Ulid,
      cause: RolloutCause,
      startedAt: Instant,
      from: ReleaseName.nullable(),
      strategy: z.enum(['start-first', 'stop-first']),
      strategyReason: z.string(),
      /** The planner's last step, by name. */
      step: z.string(),
      actor: z.string().optional(),
      causationid: z.string().optional(),
      /** Failed starts while nothing serves yet; drives the back-off. */
      attempts: z.int().optional(),
      /** When the endpoints of this rollout were written: the drain bound counts from here. */
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

/** KV `bars`, key `<node>.<service>`: releases that were judged; never retried by themselves. */
export const BarRecord = z
  .object({
    node: NodeName,
    service: ServiceName,
    bars: z.array(
      z.object({
        release: ReleaseName,
        digest: Digest,
        reason: VerdictReason,
        message: z.string(),
        rollout: Ulid,
        at: Instant,
        /** Hash of the declaration it was judged under (`ServiceEntry.hash`): under another one the verdict does not count. */
        declaration: z.string().optional(),
      }),
    ),
    ...owing,
  })
  .meta({ id: 'BarRecord' });
export type BarRecord = z.infer<typeof BarRecord>;

/** Where requests of one container go. The address is fixed for the life of the container. */
export const Target = z
  .object({
    /** Container id. */
    id: z.string(),
    address: z.ipv4(),
    port: z.int().min(1).max(65_535),
    release: ReleaseName,
    /** `ready` gets requests; `draining` gets no new ones and finishes what it has. */
    state: z.enum(['ready', 'draining']),
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof Target>;

/** KV `endpoints`, key `<node>.<service>`: the routes of a service and the targets behind them, always of releases that passed their gates. */
export const EndpointsEntry = z
  .object({
    node: NodeName,
    service: ServiceName,
    /** Without port, lower case; `path` begins with `/` and has no trailing one (except `/` itself). */
    routes: z.array(z.object({ host: z.string(), path: z.string() })),
    targets: z.array(Target),
    /**
     * True while there is no target and one is on its way, in a stop-first rollout or because the container that served is coming back:
     * the proxy holds requests for a while instead of answering 503.
     */
    hold: z.boolean().optional(),
    /** The rollout that wrote this. */
    rollout: Ulid.optional(),
    ...owing,
  })
  .meta({ id: 'EndpointsEntry' });
export type EndpointsEntry = z.infer<typeof EndpointsEntry>;

/** KV `endpoints`, key `<node>._proxy`: settings for every proxy of the node. */
export const ProxySettingsEntry = z.object({ node: NodeName, settings: ProxySettings, ...owing }).meta({ id: 'ProxySettingsEntry' });
export type ProxySettingsEntry = z.infer<typeof ProxySettingsEntry>;

/** KV `runs`, key `<node>.<service>.<instant in epoch seconds>`: one firing of a job. Whoever creates the key runs it: that is the "once". */
export const RunRecord = z
  .object({
    node: NodeName,
    service: ServiceName,
    instant: Instant,
    state: z.enum(['claimed', 'running', 'finished', 'skipped']),
    /** Why it was skipped, or how it ended. */
    reason: z.string().optional(),
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

/** `node.requested`: everything down, or up again. */
export const NodeRequested = z.object({ action: z.enum(['down', 'up']), reason: Remark.optional() }).meta({ id: 'NodeRequested' });
export type NodeRequested = z.infer<typeof NodeRequested>;

/** KV `nodes`, key `<node>`: what concerns the node as a whole. */
export const NodeRecord = z
  .object({
    node: NodeName,
    /** Since when everything is down, at whose request; absent while it is up. */
    down: z.object({ since: Instant, actor: z.string().optional(), reason: z.string().optional() }).optional(),
    /** Addresses that left service lately; not given again for 10 minutes, in case somebody still sends there. */
    retired: z.array(z.object({ address: z.ipv4(), at: Instant })).optional(),
    honouredIds: z.array(z.string()).optional(),
    ...owing,
  })
  .meta({ id: 'NodeRecord' });
export type NodeRecord = z.infer<typeof NodeRecord>;

const rolloutFacts = { rollout: Ulid, release: ReleaseName, image: z.string(), digest: Digest };

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
export const DeployProgressed = z.object({ ...rolloutFacts, step: z.string(), message: z.string() }).meta({ id: 'DeployProgressed' });
export type DeployProgressed = z.infer<typeof DeployProgressed>;
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
export const DeployRolledBack = z
  .object({ ...rolloutFacts, to: ReleaseName, reason: VerdictReason, message: z.string() })
  .meta({ id: 'DeployRolledBack' });
export type DeployRolledBack = z.infer<typeof DeployRolledBack>;

/** The rollout ended without a verdict, because something else is wanted by now. */
export const DeploySuperseded = z.object({ ...rolloutFacts, reason: z.string(), durationMs: z.int() }).meta({ id: 'DeploySuperseded' });
export type DeploySuperseded = z.infer<typeof DeploySuperseded>;

export const GateRequested = z
  .object({ rollout: Ulid, release: ReleaseName, gate: z.string(), question: z.string(), deadline: Instant })
  .meta({ id: 'GateRequested' });
export type GateRequested = z.infer<typeof GateRequested>;
export const GateAnswered = z
  .object({ rollout: Ulid, gate: Remark, answer: z.enum(['yes', 'no']), reason: Remark.optional() })
  .meta({ id: 'GateAnswered' });
export type GateAnswered = z.infer<typeof GateAnswered>;

export const ReleaseBarred = z
  .object({ release: ReleaseName, digest: Digest, reason: VerdictReason, message: z.string() })
  .meta({ id: 'ReleaseBarred' });
export type ReleaseBarred = z.infer<typeof ReleaseBarred>;
export const ReleaseCleared = z.object({ releases: z.array(ReleaseName), reason: z.string() }).meta({ id: 'ReleaseCleared' });
export type ReleaseCleared = z.infer<typeof ReleaseCleared>;

export const ContainerDied = z
  .object({ container: z.string(), release: ReleaseName.optional(), exitCode: z.int().nullable(), lastLines: z.array(z.string()) })
  .meta({ id: 'ContainerDied' });
export type ContainerDied = z.infer<typeof ContainerDied>;
export const ContainerDrifted = z.object({ container: z.string(), reason: z.string() }).meta({ id: 'ContainerDrifted' });
export type ContainerDrifted = z.infer<typeof ContainerDrifted>;

/** A network is not as declared. `keep`: it stays, because somebody else is on it. Said before anything is done about it. */
export const NetworkDrifted = z
  .object({ network: z.string(), action: z.enum(['recreate', 'remove', 'keep']), reason: z.string() })
  .meta({ id: 'NetworkDrifted' });
export type NetworkDrifted = z.infer<typeof NetworkDrifted>;

/** A wake for proxies: the table of this service changed at `revision`. They read KV, not this. */
export const RoutesChanged = z.object({ revision: Revision, ready: z.int(), draining: z.int() }).meta({ id: 'RoutesChanged' });
export type RoutesChanged = z.infer<typeof RoutesChanged>;

export const JobStarted = z.object({ instant: Instant, container: z.string() }).meta({ id: 'JobStarted' });
export type JobStarted = z.infer<typeof JobStarted>;
export const JobFinished = z.object({ instant: Instant, exitCode: z.int(), durationMs: z.int() }).meta({ id: 'JobFinished' });
export type JobFinished = z.infer<typeof JobFinished>;
export const JobSkipped = z
  .object({ instant: Instant, reason: z.enum(['overlap', 'late', 'undeclared', 'not-started', 'down']), message: z.string() })
  .meta({ id: 'JobSkipped' });
export type JobSkipped = z.infer<typeof JobSkipped>;
