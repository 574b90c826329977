import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Instant, NodeName, ServiceName } from './names.ts';

/** The manifest of a node's configuration, in `services`. */
export function manifestKey(node: NodeName): string {
  return `${node}._config`;
}

/**
 * Where is kept, in `services`, what was rejected last while nothing was ever in force: a manifest in form, which holds nothing but `rejected`.
 * Not at the manifest's own key, where it would be a configuration that declares nothing.
 */
export function rejectionKey(node: NodeName): string {
  return `${node}._rejected`;
}

/** Which engine acts as a node, in `leases`: kept by the reconcilers that are there for it. */
export function nodeClaimKey(node: NodeName): string {
  return `reconciler.${node}.node`;
}

/** Who comes in the place of a proxy's container that was asked to end, in `leases`: its holder is a container's id, or `nobodyComes`. */
export function placeKey(node: NodeName, container: string): string {
  return `reconciler.${node}.place-${container}`;
}

/** The holder of a place that nobody takes. */
export const nobodyComes = 'nobody';

/** The settings of a node's proxies, in `endpoints`. */
export function proxySettingsKey(node: NodeName): string {
  return `${node}._proxy`;
}

/** An image reference as a KV key: references hold `/`, `:` and `@`, which a key may not. Readable start, then a hash. */
export function imageKey(reference: string): string {
  const readable = reference
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(-40);
  return `${readable}_${createHash('sha256').update(reference).digest('hex').slice(0, 16)}`;
}

/** One firing of a job, in `runs`. Epoch seconds, because instants hold `:`. */
export function runKey({
  node,
  service,
  instant,
}: {
  readonly node: NodeName;
  readonly service: ServiceName;
  readonly instant: Instant;
}): string {
  return `${node}.${service}.${Math.floor(Date.parse(instant) / 1_000)}`;
}

/** A host name as a KV key; `*` may not stand in one. */
export function hostKey(host: string): string {
  return Buffer.from(host).toString('base64url');
}

/** Written into every bucket when it is made: its creation marks the epoch of all revisions. Never a service: they begin with a letter or digit. */
export const epochKey = '_epoch';
