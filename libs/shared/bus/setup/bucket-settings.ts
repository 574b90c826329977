import type { StreamConfig } from '@nats-io/jetstream';
import { type BucketName, buckets } from '../../contracts/index.ts';
import { largestValue } from '../limits.ts';

/** What the catalogue and we decide of the stream under a bucket; the rest is the client's and the server's. */
export type BucketSettings = Pick<
  StreamConfig,
  | 'max_msgs_per_subject'
  | 'max_age'
  | 'max_msg_size'
  | 'max_bytes'
  | 'allow_direct'
  | 'allow_msg_ttl'
  | 'subject_delete_marker_ttl'
  | 'duplicate_window'
>;

const nanosecondsPerMs = 1_000_000;
const megabyte = 1024 * 1024;
/** What the server takes by itself; it must not be longer than values live. */
const duplicateWindowMs = 120_000;

/** The settings that a bucket must have by the catalogue of this version. */
export function bucketSettings(name: BucketName): BucketSettings {
  const contract: (typeof buckets)[BucketName] = buckets[name];
  const ttlMs = 'ttlMs' in contract ? contract.ttlMs : 0;
  return {
    max_msgs_per_subject: 'history' in contract ? contract.history : 1,
    max_age: ttlMs * nanosecondsPerMs,
    max_msg_size: largestValue,
    max_bytes: 256 * megabyte,
    allow_direct: true,
    allow_msg_ttl: true,
    subject_delete_marker_ttl: 60_000 * nanosecondsPerMs,
    duplicate_window: (ttlMs === 0 ? duplicateWindowMs : Math.min(ttlMs, duplicateWindowMs)) * nanosecondsPerMs,
  };
}

/** Names of the settings in which a bucket, made by another version perhaps, is not what it should be. */
export function outdated(current: Partial<BucketSettings>, wanted: BucketSettings): readonly (keyof BucketSettings)[] {
  return (Object.keys(wanted) as (keyof BucketSettings)[]).filter((setting) => current[setting] !== wanted[setting]);
}
