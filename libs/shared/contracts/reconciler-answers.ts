import { z } from 'zod';
import { ConfigProblem } from './configuration.ts';
import { Digest, Instant, NodeName, ReleaseName, ServiceName } from './names.ts';
import { NodeRecord } from './node-record.ts';
import { ReleaseRecord } from './release-record.ts';
import { ProxySettings } from './service-spec.ts';

/** What a service does, for people. `waiting` always comes with a reason. */
export const ServicePhase = z.enum(['waiting', 'rolling', 'serving', 'completed', 'failed', 'idle', 'stopped', 'removing']);
export type ServicePhase = z.infer<typeof ServicePhase>;

/** How the newest configuration stands: `held` waits for a person's yes, `unread` cannot be read, or was not yet. */
export const ConfigState = z.enum(['in-force', 'rejected', 'held', 'unread']);
export type ConfigState = z.infer<typeof ConfigState>;

/** `status.services`: the state of every service of the node. */
export const StatusRequest = z.object({ service: ServiceName.optional() }).meta({ id: 'StatusRequest' });
export type StatusRequest = z.infer<typeof StatusRequest>;
/** Declared no more, it serves on until `service` serves what that one takes over. */
const HandOver = z.object({ service: ServiceName, reason: z.string() });

/** One service, as `kedge status` shows it. */
export const ServiceStatus = z
  .object({
    service: ServiceName,
    phase: ServicePhase,
    /** Why it is in this phase, in a sentence. */
    reason: z.string(),
    image: z.string(),
    digest: Digest.nullable(),
    source: z.enum(['registry', 'local']).nullable(),
    release: ReleaseName.nullable(),
    replicas: z.object({ ready: z.int(), wanted: z.int() }),
    since: Instant.nullable(),
    routes: z.array(z.string()),
    /** Of the host, each as `[address:]host->container/protocol`; absent where none is declared. */
    ports: z.array(z.string()).optional(),
    barred: z.array(
      z.object({
        release: ReleaseName,
        digest: Digest,
        message: z.string(),
        /** False: something else is wanted by now, so the verdict stands in nobody's way. */
        wanted: z.boolean().optional(),
      }),
    ),
    waiting: ReleaseRecord.shape.waiting,
    /** The registry does not have the image, or did not answer sensibly when it was asked last; absent when all is well. */
    registry: z
      .object({ state: z.enum(['absent', 'unreachable']), code: z.string(), message: z.string(), since: Instant.optional() })
      .optional(),
    /** The last lines of the container that the last failed rollout was judged by. */
    lastLines: z.array(z.string()).optional(),
    nextRun: Instant.optional(),
    handsOverTo: HandOver.optional(),
  })
  .meta({ id: 'ServiceStatus' });
export type ServiceStatus = z.infer<typeof ServiceStatus>;
/** Of every service, or of the one that was asked for. */
export const StatusReply = z
  .object({
    node: NodeName,
    engine: z.object({ reachable: z.boolean(), message: z.string() }),
    /** The bus answers and stores nothing any more; absent when all is well. */
    bus: z.object({ problem: z.string(), since: Instant }).optional(),
    config: z.object({
      /** Of the one in force; null when there is none. */
      revision: z.string().nullable(),
      /** Why the newest one is not in force, in a sentence; null when it is. */
      problem: z.string().nullable(),
      state: ConfigState.optional(),
      /** Only while it is held: everything that it would remove, of which `problem` names no more than somebody reads. */
      removes: z.array(ServiceName).optional(),
    }),
    /** Which doors of the proxy the configuration opens; absent before the first one. */
    doors: z.object({ enabled: z.boolean(), strategy: ProxySettings.shape.strategy.unwrap() }).optional(),
    /** Containers, by short id, under a service's name that Kedge did not make and leaves alone, where no NAME_TAKEN of that service tells it. */
    foreign: z.array(z.object({ service: ServiceName, container: z.string() })),
    /** Somebody took everything down (`kedge down`), and nothing is started before `kedge up`; absent otherwise. */
    down: NodeRecord.shape.down,
    proxies: z.array(z.object({ instance: z.string(), state: z.enum(['live', 'silent', 'gone']), heartbeatAt: Instant })),
    services: z.array(ServiceStatus),
    /** Networks that are missing or stay otherwise than declared, and why; absent when there are none, or when one service was asked for. */
    networks: z.array(z.object({ name: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'StatusReply' });
export type StatusReply = z.infer<typeof StatusReply>;

/** `deploy.plan`: what the next pass would do, and why. */
export const PlanRequest = z.object({ service: ServiceName.optional() }).meta({ id: 'PlanRequest' });
export type PlanRequest = z.infer<typeof PlanRequest>;
/** What stays as it is has no entry: an empty plan is one of nothing to do. */
export const PlanReply = z
  .object({
    /** Why this is not the plan of the newest configuration; absent when it is. */
    problem: z.string().optional(),
    changes: z.array(
      z.object({
        service: ServiceName,
        action: z.enum(['create', 'roll', 'restart', 'repair', 'remove']),
        strategy: z.enum(['start-first', 'stop-first']).optional(),
        reason: z.string(),
        steps: z.array(z.string()),
        /** What is waited for before there is more to do. */
        waits: z.array(z.string()).optional(),
        /** What a roll changes, by dotted key. Null: it is not declared; before and after: one secret for another. */
        differences: z.array(z.object({ key: z.string(), from: z.string().nullable(), to: z.string().nullable() })).optional(),
        /** Why the steps cannot be told, or will not be taken: what stands in the way of this service. */
        problem: z.object({ code: z.string(), message: z.string() }).optional(),
        handsOverTo: HandOver.optional(),
      }),
    ),
    /** Networks that would be made, made anew or removed. */
    networks: z.array(z.object({ name: z.string(), action: z.enum(['create', 'recreate', 'remove']), reason: z.string() })).optional(),
    /** External networks that are not there: somebody else has to make them. */
    missingNetworks: z.array(z.object({ name: z.string(), reason: z.string() })).optional(),
    /** Containers that Kedge did not make and that have the name, or a published port, of a service. */
    foreign: z
      .array(
        z.object({
          service: ServiceName,
          container: z.string(),
          image: z.string(),
          running: z.boolean(),
          because: z.enum(['name', 'port']),
          /** Networks that it is on. */
          networks: z.array(z.string()),
        }),
      )
      .optional(),
    /** What the configuration in force has that is allowed and dangerous. */
    warnings: z.array(ConfigProblem).optional(),
    /** Only while everything is down: what starts when it comes up again. `problem`: it does not, and why. */
    onUp: z
      .array(
        z.object({
          service: ServiceName,
          image: z.string(),
          reason: z.string(),
          problem: z.object({ code: z.string(), message: z.string() }).optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'PlanReply' });
export type PlanReply = z.infer<typeof PlanReply>;

/** `logs.tail`: the last lines of a service's containers, or of a job's runs. */
export const LogsRequest = z
  .object({ service: ServiceName, lines: z.int().min(1).max(5_000).optional(), instant: Instant.optional() })
  .meta({ id: 'LogsRequest' });
export type LogsRequest = z.infer<typeof LogsRequest>;
/** Oldest line first in each source. */
export const LogsReply = z
  .object({
    sources: z.array(
      z.object({
        /** Container name, or `run <instant>`. */
        name: z.string(),
        container: z.string().nullable(),
        startedAt: Instant.nullable(),
        exitCode: z.int().nullable(),
        lines: z.array(z.string()),
        /** More of the lines that were asked for are there than one answer holds: these are the last of them. */
        cut: z.literal(true).optional(),
      }),
    ),
  })
  .meta({ id: 'LogsReply' });
export type LogsReply = z.infer<typeof LogsReply>;
