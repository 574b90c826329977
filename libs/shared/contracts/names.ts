import { z } from 'zod';

/** A service: container name, DNS name and KV key part. Docker's rule, minus what a NATS subject refuses (`..`, a dot at the end). */
export const ServiceName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/,
    'a service name has 2 to 63 letters, digits, "_", "." or "-", and starts with a letter or digit',
  )
  .refine((name) => !name.includes('..') && !name.endsWith('.'), 'a service name has no ".." and no "." at its end')
  .brand<'ServiceName'>()
  .meta({ id: 'ServiceName' });
export type ServiceName = z.infer<typeof ServiceName>;

/** One container engine under Kedge; the first token of every KV key, hence without dots. */
export const NodeName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/, 'a node name has letters, digits, "_" or "-"')
  .brand<'NodeName'>()
  .meta({ id: 'NodeName' });
export type NodeName = z.infer<typeof NodeName>;

/** The content address of a manifest or image configuration (OCI Image Specification, Descriptors §Digests). */
export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'a digest is "sha256:" and 64 hexadecimal digits')
  .brand<'Digest'>()
  .meta({ id: 'Digest' });
export type Digest = z.infer<typeof Digest>;

/** A release: `v1:` and the SHA-256 of what the user declared together with the digest. See `releaseName`. */
export const ReleaseName = z
  .string()
  .regex(/^v1:[0-9a-f]{64}$/)
  .brand<'ReleaseName'>()
  .meta({ id: 'ReleaseName' });
export type ReleaseName = z.infer<typeof ReleaseName>;

/** A ULID: sorts by the time of its making. */
export const Ulid = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  .meta({ id: 'Ulid' });
export type Ulid = z.infer<typeof Ulid>;

/** RFC 3339 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Instant = z.iso.datetime({ precision: 3 }).meta({ id: 'Instant' });
export type Instant = z.infer<typeof Instant>;

/** `<bucket creation>.<sequence>`: sequences compare only within one epoch, so a wiped store never looks "applied". */
export const Revision = z
  .string()
  .regex(/^[^.]+\.\d+$/)
  .meta({ id: 'Revision' });
export type Revision = z.infer<typeof Revision>;

/** What whoever asks for something says about it. */
export const Remark = z.string().max(2_000);

/** The first eight hexadecimal digits of a release, for container names and people. */
export function shortRelease(release: ReleaseName): string {
  return release.slice('v1:'.length, 'v1:'.length + 8);
}

/** The first twelve hexadecimal digits of a digest, for people. */
export function shortDigest(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** The KV key of a service on a node. */
export function serviceKey(node: NodeName, service: ServiceName): string {
  return `${node}.${service}`;
}

/** True when `revision` is of the same epoch as `wanted` and not older. */
export function hasReached(revision: string | undefined, wanted: string): boolean {
  if (revision === undefined) return false;
  const [epoch, sequence] = splitRevision(revision);
  const [wantedEpoch, wantedSequence] = splitRevision(wanted);
  return epoch === wantedEpoch && sequence >= wantedSequence;
}

function splitRevision(revision: string): readonly [epoch: string, sequence: number] {
  const dot = revision.lastIndexOf('.');
  return [revision.slice(0, dot), Number(revision.slice(dot + 1))];
}
