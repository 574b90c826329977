import { z } from 'zod';
import { BarRecord, ReleaseBarred, ReleaseCleared } from './bars.ts';
import * as configuration from './configuration.ts';
import { DoctorReply, DoctorRequest } from './doctor.ts';
import { EndpointsEntry, ProxySettingsEntry, RoutesChanged } from './endpoints.ts';
import { ContainerDied, ContainerDrifted, NetworkDrifted } from './found-on-engine.ts';
import type { Component, Identity } from './identities.ts';
import * as images from './images.ts';
import { NodeRecord, NodeRequested } from './node-record.ts';
import * as proxy from './proxy.ts';
import * as answers from './reconciler-answers.ts';
import { ReleaseRecord, ServiceRemoved } from './release-record.ts';
import * as rollout from './rollout.ts';
import { JobFinished, JobSkipped, JobStarted, RunRecord } from './run-record.ts';
import * as scheduler from './scheduler.ts';
import * as secrets from './secrets.ts';

/** A fact, past tense. Anyone may subscribe; nobody acts on its content. */
interface EventContract {
  readonly kind: 'event';
  /** The component whose folder of meaning it belongs to. */
  readonly owner: Component;
  readonly publisher: Component;
  /** Components that it wakes. */
  readonly wakes: readonly Component[];
  /** Kept in the stream EVENTS; a few high-volume facts are not. */
  readonly stored: boolean;
  readonly data: z.ZodType;
}

/** A wish that must not be lost: it waits in the durable consumer of its owner and is acknowledged after its effect is stored. */
interface CommandContract {
  readonly kind: 'command';
  readonly owner: Component;
  readonly publishers: readonly Identity[];
  readonly data: z.ZodType;
}

/** A question, answered at once by one member of the owner's queue group. */
interface RequestContract {
  readonly kind: 'request';
  readonly owner: Component;
  readonly callers: readonly Identity[];
  readonly data: z.ZodType;
  readonly reply: z.ZodType;
}

const stored = { kind: 'event', stored: true } as const;
const examination = { kind: 'request', callers: ['cli'], data: DoctorRequest, reply: DoctorReply } as const;

/** Every subject of the bus, spelled here and nowhere else. Whoever needs a new one adds its row first. */
export const subjects = {
  'config.changed': {
    ...stored,
    owner: 'watcher',
    publisher: 'watcher',
    wakes: ['reconciler', 'scheduler'],
    data: configuration.ConfigChanged,
  },
  'config.rejected': { ...stored, owner: 'watcher', publisher: 'watcher', wakes: [], data: configuration.ConfigRejected },
  'image.updated': { ...stored, owner: 'watcher', publisher: 'watcher', wakes: ['reconciler'], data: images.ImageUpdated },
  'image.rejected': { ...stored, owner: 'watcher', publisher: 'watcher', wakes: [], data: images.ImageRejected },
  'registry.unreachable': { ...stored, owner: 'watcher', publisher: 'watcher', wakes: [], data: images.RegistryUnreachable },
  'registry.recovered': { ...stored, owner: 'watcher', publisher: 'watcher', wakes: [], data: images.RegistryRecovered },

  'deploy.requested': {
    kind: 'command',
    owner: 'reconciler',
    publishers: ['cli', 'hooks', 'secrets'],
    data: rollout.DeployRequested,
  },
  'deploy.started': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.DeployStarted },
  'deploy.progressed': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.DeployProgressed },
  'deploy.succeeded': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.DeploySucceeded },
  'deploy.failed': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.DeployFailed },
  'deploy.rolledback': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.DeployRolledBack },
  'deploy.superseded': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.DeploySuperseded },
  'gate.requested': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: rollout.GateRequested },
  'node.requested': { kind: 'command', owner: 'reconciler', publishers: ['cli'], data: NodeRequested },
  'gate.answered': { kind: 'command', owner: 'reconciler', publishers: ['cli', 'hooks'], data: rollout.GateAnswered },
  'release.barred': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: ['watcher'], data: ReleaseBarred },
  'release.cleared': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: ['watcher'], data: ReleaseCleared },
  'container.died': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: ContainerDied },
  'container.drifted': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: ContainerDrifted },
  'network.drifted': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: NetworkDrifted },
  'service.removed': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: ServiceRemoved },
  'routes.changed': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: ['proxy'], data: RoutesChanged },

  'routes.applied': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: ['reconciler'], data: proxy.RoutesApplied },
  'handover.requested': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: ['proxy'], data: proxy.HandoverRequested },
  'target.drained': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: ['reconciler'], data: proxy.TargetDrained },
  'target.unhealthy': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: ['reconciler'], data: proxy.TargetUnhealthy },
  'traffic.sampled': {
    kind: 'event',
    stored: false,
    owner: 'proxy',
    publisher: 'proxy',
    wakes: ['reconciler'],
    data: proxy.TrafficSampled,
  },
  'certificate.issued': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: [], data: proxy.CertificateIssued },
  'certificate.renewed': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: [], data: proxy.CertificateIssued },
  'certificate.failed': { ...stored, owner: 'proxy', publisher: 'proxy', wakes: [], data: proxy.CertificateFailed },

  'job.due': { kind: 'command', owner: 'scheduler', publishers: ['scheduler'], data: scheduler.JobDue },
  'job.started': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: [], data: JobStarted },
  'job.finished': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: ['scheduler'], data: JobFinished },
  'job.skipped': { ...stored, owner: 'reconciler', publisher: 'reconciler', wakes: ['scheduler'], data: JobSkipped },
  'secret.rotated': { ...stored, owner: 'secrets', publisher: 'secrets', wakes: ['reconciler'], data: secrets.SecretRotated },

  'secrets.resolve': { kind: 'request', owner: 'secrets', callers: ['reconciler'], data: secrets.SealedBox, reply: secrets.SealedBox },
  'secrets.passwords': { kind: 'request', owner: 'secrets', callers: ['proxy'], data: secrets.SealedBox, reply: secrets.SealedBox },
  'secrets.mask': { kind: 'request', owner: 'secrets', callers: ['reconciler'], data: secrets.SealedBox, reply: secrets.SealedBox },
  'secrets.registry': {
    kind: 'request',
    owner: 'secrets',
    callers: ['watcher', 'reconciler'],
    data: secrets.SealedBox,
    reply: secrets.SealedBox,
  },
  'config.render': { kind: 'request', owner: 'secrets', callers: ['watcher'], data: secrets.SealedBox, reply: secrets.SealedBox },
  'watcher.check': {
    kind: 'request',
    owner: 'watcher',
    callers: ['reconciler', 'cli'],
    data: images.CheckRequest,
    reply: images.CheckReply,
  },
  'config.validate': {
    kind: 'request',
    owner: 'watcher',
    callers: ['cli'],
    data: configuration.ValidateRequest,
    reply: configuration.ValidateReply,
  },
  'deploy.plan': {
    kind: 'request',
    owner: 'reconciler',
    callers: ['cli', 'hooks'],
    data: answers.PlanRequest,
    reply: answers.PlanReply,
  },
  'status.services': {
    kind: 'request',
    owner: 'reconciler',
    callers: ['cli', 'hooks'],
    data: answers.StatusRequest,
    reply: answers.StatusReply,
  },
  'logs.tail': { kind: 'request', owner: 'reconciler', callers: ['cli'], data: answers.LogsRequest, reply: answers.LogsReply },

  'doctor.watcher': { ...examination, owner: 'watcher' },
  'doctor.reconciler': { ...examination, owner: 'reconciler' },
  'doctor.scheduler': { ...examination, owner: 'scheduler' },
  'doctor.proxy': { ...examination, owner: 'proxy' },
  'doctor.secrets': { ...examination, owner: 'secrets' },
} as const satisfies Record<string, EventContract | CommandContract | RequestContract>;

type Subjects = typeof subjects;
type OfKind<Kind extends string> = { [Name in keyof Subjects]: Subjects[Name] extends { kind: Kind } ? Name : never }[keyof Subjects];

/** Any subject of the catalogue. */
export type Subject = keyof Subjects;
/** A fact, past tense. */
export type EventSubject = OfKind<'event'>;
/** A wish that must not be lost. */
export type CommandSubject = OfKind<'command'>;
/** A question, answered at once. */
export type RequestSubject = OfKind<'request'>;
/** What is published on a subject (for a request: asked). */
export type DataOf<Name extends Subject> = z.infer<Subjects[Name]['data']>;
/** What a request is answered with. */
export type ReplyOf<Name extends RequestSubject> = z.infer<Subjects[Name]['reply']>;

interface BucketContract {
  /** The one component that writes; for `leases` every component writes below its own name. */
  readonly writer: Component | 'each';
  readonly readers: readonly Component[];
  /** Values kept per key. Default 1. */
  readonly history?: number;
  /** A key vanishes this long after its last write. */
  readonly ttlMs?: number;
  readonly value: z.ZodType;
}

/** KV `leases`, key `<identity>.<node>.<what>`: who does it now. */
export const LeaseEntry = z.object({ holder: z.string(), takenAt: z.string() }).meta({ id: 'LeaseEntry' });
export type LeaseEntry = z.infer<typeof LeaseEntry>;

/** Every key-value bucket. Keys that begin with `<node>._` hold something other than a service: see `keyed`. */
export const buckets = {
  services: {
    writer: 'watcher',
    readers: ['watcher', 'reconciler', 'scheduler', 'secrets'],
    value: z.union([configuration.ServiceEntry, configuration.ConfigManifest]),
  },
  images: { writer: 'watcher', readers: ['watcher', 'reconciler'], value: images.ImageEntry },
  releases: { writer: 'reconciler', readers: ['reconciler'], history: 64, value: ReleaseRecord },
  nodes: { writer: 'reconciler', readers: ['reconciler'], value: NodeRecord },
  endpoints: {
    writer: 'reconciler',
    readers: ['reconciler', 'proxy'],
    value: z.union([EndpointsEntry, ProxySettingsEntry]),
  },
  bars: { writer: 'reconciler', readers: ['reconciler', 'watcher'], value: BarRecord },
  runs: { writer: 'reconciler', readers: ['reconciler', 'scheduler'], value: RunRecord },
  proxies: { writer: 'proxy', readers: ['proxy', 'reconciler'], value: proxy.ProxyRecord },
  certificates: { writer: 'proxy', readers: ['proxy'], value: proxy.CertificateEntry },
  challenges: { writer: 'proxy', readers: ['proxy'], ttlMs: 3_600_000, value: proxy.ChallengeEntry },
  schedule: { writer: 'scheduler', readers: ['scheduler', 'reconciler'], value: scheduler.ScheduleEntry },
  // Every component reads all of it: who stands by follows the holder, and a proxy that leaves hears of the reconciler who comes (`placeKey`).
  leases: { writer: 'each', readers: [], ttlMs: 15_000, value: LeaseEntry },
} as const satisfies Record<string, BucketContract>;

/** The stream under a bucket is called `KV_<name>`. */
export type BucketName = keyof typeof buckets;
/** What a bucket holds, of any version that fits. */
export type ValueOf<Name extends BucketName> = z.infer<(typeof buckets)[Name]['value']>;

/** The stream that keeps events and commands. Its subjects are listed one by one: a wildcard would store requests too. */
export const eventStream = 'EVENTS';

/** Subjects that the stream keeps, in alphabetical order. */
export function storedSubjects(): Subject[] {
  return entriesOf(subjects)
    .filter(([, contract]) => contract.kind === 'command' || (contract.kind === 'event' && contract.stored))
    .map(([subject]) => subject)
    .toSorted();
}

/** Commands that the durable consumer `reconciler` delivers. */
export const reconcilerCommands = ['deploy.requested', 'gate.answered', 'job.due', 'node.requested'] as const satisfies CommandSubject[];

/** Object.entries that keeps the type of the keys. */
export function entriesOf<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][];
}
