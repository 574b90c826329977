import { type Bus, type Entry, owe, writeThenSay } from '@kedge/shared/bus';
import type { DataOf, EventContext, EventSubject, NodeName, OwedEvent, ReleaseRecord, ServiceName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { Stores } from './stores.ts';

/** What a write of the record needs to know of the world it was decided from. */
export interface RecordSlot {
  readonly service: ServiceName;
  readonly key: string;
  readonly record: Entry<ReleaseRecord> | null;
}

interface WriteRecord {
  readonly bus: Bus;
  readonly stores: Stores;
}

/** Writes the record of a service as `change` makes it of what it was, and says what that owes. */
export type RecordWriter = (slot: RecordSlot, change: (record: ReleaseRecord) => ReleaseRecord) => Promise<Entry<ReleaseRecord>>;

/**
 * State first: the record by compare-and-set, then the events. The record handed in owes nothing any more: see `observe`.
 * @throws {RetryableError} WORLD_MOVED when the record was written meanwhile: look again
 */
export function createRecordWriter({ bus, stores }: WriteRecord): RecordWriter {
  return async (slot, change) => {
    const { owes = [], ...changed } = change(slot.record?.value ?? emptyRecord(bus.node, slot.service));
    const value: ReleaseRecord = owes.length > 0 ? { ...changed, owes } : changed;
    const written = await writeThenSay({ bus, bucket: stores.releases, key: slot.key, previous: slot.record, value });
    if (!written) throw worldMoved(slot.key);
    return written;
  };
}

/** Somebody else wrote first; nothing is lost, the next look decides anew. */
export function worldMoved(key: string): RetryableError {
  return new RetryableError('WORLD_MOVED', `${key} was written by somebody else meanwhile; looking again`, { details: { key } });
}

/** Of a service of which nothing was written down yet. */
export function emptyRecord(node: NodeName, service: ServiceName): ReleaseRecord {
  return { node, service, serving: null, rollout: null };
}

/** A rollout under way, as the record keeps it. */
export type Rollout = NonNullable<ReleaseRecord['rollout']>;

/** The rollout that a step belongs to. */
export function rolloutOf({ key, record }: RecordSlot): Rollout {
  if (!record?.value.rollout) throw worldMoved(key);
  return record.value.rollout;
}

type Ended = NonNullable<ReleaseRecord['last']>;

interface Ending {
  readonly outcome: Ended['outcome'];
  readonly reason: string;
  readonly now: Date;
}

/** The end of a rollout as the record keeps it. */
export function endedRollout({ id, release, startedAt }: Rollout, { outcome, reason, now }: Ending): Ended {
  return { rollout: id, release, outcome, reason, startedAt, finishedAt: now.toISOString() };
}

interface Superseded {
  readonly service: ServiceName;
  readonly rollout: Rollout;
  readonly reason: string;
  readonly now: Date;
}

/** What ends a rollout without a verdict: the event, and the end as the record keeps it. */
export function supersededRollout({ service, rollout, reason, now }: Superseded): { readonly last: Ended; readonly said: OwedEvent } {
  const { id, release, image, digest, startedAt } = rollout;
  const data = { rollout: id, release, image, digest, reason, durationMs: Math.max(0, now.getTime() - Date.parse(startedAt)) };
  return {
    last: endedRollout(rollout, { outcome: 'superseded', reason, now }),
    said: rolloutEvent('deploy.superseded', { service, rollout, now, data }),
  };
}

/** What a log line about a service belongs to: the rollout under way, and the event that led to it. */
export function traceOf({ service, record }: Pick<RecordSlot, 'service' | 'record'>): {
  readonly service: ServiceName;
  readonly correlationid: string | undefined;
  readonly event: string | undefined;
} {
  const rollout = record?.value.rollout;
  return { service, correlationid: rollout?.id, event: rollout?.causationid };
}

/** Who and what an event of a rollout belongs to. */
export function contextOf(rollout: Rollout): EventContext {
  return { correlationid: rollout.id, causationid: rollout.causationid, actor: rollout.actor };
}

/** An event about a rollout, with the facts that all of them share. */
export function rolloutEvent<Name extends EventSubject>(
  subject: Name,
  {
    service,
    rollout,
    now,
    data,
  }: {
    readonly service: ServiceName;
    readonly rollout: Rollout;
    readonly now: Date;
    readonly data: DataOf<Name>;
  },
): OwedEvent {
  return owe(subject, data, { service, now, ...contextOf(rollout) });
}
