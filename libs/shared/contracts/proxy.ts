import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Instant, NodeName, Revision, ServiceName } from './names.ts';

/** KV `proxies`, key `<node>.<instance>`: the heartbeat of one proxy (every 5 s and at each change) and its proofs. */
export const ProxyRecord = z
  .object({
    node: NodeName,
    instance: z.string(),
    /** The proxy's own container, when it runs in one. */
    container: z.string().nullable(),
    startedAt: Instant,
    heartbeatAt: Instant,
    /** Heartbeats so far: a reader that sees it grow knows that the proxy lives, whatever the clocks say. */
    beats: z.int(),
    /** True once the proxy has stopped accepting and every request of it ended. */
    goodbye: z.boolean(),
    /** True while the proxy was asked to end and still accepts: whoever is asked next does not count on it. */
    leaving: z.boolean().optional(),
    /** For each service: the revision of its endpoints that routes requests here now. */
    applied: z.record(z.string(), Revision),
    /** Open requests (upgraded connections included) for each target that is draining or was taken away and still has some; 0 is the proof. */
    open: z.record(z.string(), z.int().min(0)),
    ...owing,
  })
  .meta({ id: 'ProxyRecord' });
export type ProxyRecord = z.infer<typeof ProxyRecord>;

/** `routes.applied`: this proxy routes by the endpoints of `revision`. */
export const RoutesApplied = z.object({ instance: z.string(), service: ServiceName, revision: Revision }).meta({ id: 'RoutesApplied' });
export type RoutesApplied = z.infer<typeof RoutesApplied>;

/** A proxy was asked to end and wants to know who goes on: whoever lives writes its record. */
export const HandoverRequested = z.object({ instance: z.string() }).meta({ id: 'HandoverRequested' });
export type HandoverRequested = z.infer<typeof HandoverRequested>;

/** `target.drained`: the last request of this proxy on the target has ended. */
export const TargetDrained = z
  .object({ instance: z.string(), service: ServiceName, target: z.string(), revision: Revision })
  .meta({ id: 'TargetDrained' });
export type TargetDrained = z.infer<typeof TargetDrained>;

/** `target.unhealthy`: a ready target looks sick to this proxy, so many times in a row. */
export const TargetUnhealthy = z
  .object({ instance: z.string(), service: ServiceName, target: z.string(), reason: z.string(), failures: z.int() })
  .meta({ id: 'TargetUnhealthy' });
export type TargetUnhealthy = z.infer<typeof TargetUnhealthy>;

/** Not stored: what a proxy saw of a service since the last sample. */
export const TrafficSampled = z
  .object({
    instance: z.string(),
    service: ServiceName,
    windowMs: z.int(),
    targets: z.record(z.string(), z.object({ requests: z.int(), status5xx: z.int(), connectFailures: z.int() })),
    /** The same by release, and in what time requests were answered. */
    releases: z
      .record(
        z.string(),
        z.object({
          requests: z.int(),
          /** By `1xx` to `5xx` and `aborted`; those that did not happen may be missing. */
          classes: z.record(z.string(), z.int()),
          connectFailures: z.int(),
          /** Requests by duration: of each bound those that no smaller one has, and last those beyond all. */
          latency: z.object({ boundsMs: z.array(z.number()), counts: z.array(z.int()) }),
        }),
      )
      .optional(),
  })
  .meta({ id: 'TrafficSampled' });
export type TrafficSampled = z.infer<typeof TrafficSampled>;

/** KV `certificates`: sealed. */
export const CertificateEntry = z
  .object({ host: z.string(), notAfter: Instant, sealed: z.string(), ...owing })
  .meta({ id: 'CertificateEntry' });
export type CertificateEntry = z.infer<typeof CertificateEntry>;
/** KV `challenges`: answers to ACME HTTP-01 (RFC 8555 §8.3) that any proxy serves. */
export const ChallengeEntry = z
  .object({ host: z.string(), token: z.string(), keyAuthorization: z.string() })
  .meta({ id: 'ChallengeEntry' });
export type ChallengeEntry = z.infer<typeof ChallengeEntry>;

/** `certificate.issued`, `certificate.renewed`. */
export const CertificateIssued = z.object({ host: z.string(), notAfter: Instant }).meta({ id: 'CertificateIssued' });
export type CertificateIssued = z.infer<typeof CertificateIssued>;
/** `certificate.failed`: what was there before stays in use. */
export const CertificateFailed = z.object({ host: z.string(), code: z.string(), message: z.string() }).meta({ id: 'CertificateFailed' });
export type CertificateFailed = z.infer<typeof CertificateFailed>;
