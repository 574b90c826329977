import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { BucketName } from '../contracts/index.ts';
import { errorMessage } from '../kernel/index.ts';
import { busError } from './link.ts';
import type { WriteWatch } from './write-watch.ts';

/** The ways to write into a bucket. */
export type WritableBucket = Pick<KV, 'create' | 'update' | 'delete' | 'purge'>;

/** As much of a link as writing needs. */
interface WritableLink {
  readonly connection: { isClosed(): boolean };
  readonly kv: { open(name: string, options: { readonly allow_direct: boolean }): Promise<WritableBucket> };
}

interface ConditionalWritePorts {
  readonly name: BucketName;
  /** `Connection.during`. */
  readonly during: <Result>(call: (link: WritableLink) => Promise<Result>) => Promise<Result>;
  readonly writes: WriteWatch;
}

/**
 * Runs a write that holds only under a condition; resolves to its revision, or to null when the condition no longer held: somebody else
 * wrote first. `what` tells people what was tried. Rejects with BUS_UNAVAILABLE or BUS_REFUSED.
 */
export type WriteConditionally = (what: string, write: (bucket: WritableBucket) => Promise<number>) => Promise<number | null>;

/** Tells the watch of each write whether the store took it: a refused condition is an answer like any other, a closed connection is none. */
export function createConditionalWrite({ name, during, writes }: ConditionalWritePorts): WriteConditionally {
  return async function conditionally(what, write) {
    try {
      return await during(async ({ kv, connection }) => {
        const bucket = await kv.open(name, { allow_direct: true });
        try {
          const revision = await write(bucket);
          writes.worked();
          return revision;
        } catch (thrown) {
          if (isConflict(thrown)) {
            writes.worked();
            return null;
          }
          if (!connection.isClosed()) writes.failed(errorMessage(thrown));
          throw thrown;
        }
      });
    } catch (thrown) {
      throw busError(thrown, what);
    }
  };
}

function isConflict(thrown: unknown): boolean {
  return (
    thrown instanceof JetStreamApiError &&
    (thrown.code === JetStreamApiCodes.StreamWrongLastSequence || thrown.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}
