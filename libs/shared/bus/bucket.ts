import { JetStreamApiCodes, JetStreamApiError, type StoredMsg } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type BucketName, buckets, epochKey, type NodeName } from '../contracts/index.ts';
import { errorMessage } from '../kernel/index.ts';
import type { Bucket, Entry } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { decodeTolerantly, encodeStrictly } from './codec.ts';
import type { Connection } from './connection.ts';
import { readDirect } from './direct-read.ts';
import { assertFits, largestValue } from './limits.ts';
import { busError, type Link } from './link.ts';
import type { WriteWatch } from './write-watch.ts';

interface BucketOptions<Schema extends z.ZodType> {
  readonly name: BucketName;
  readonly schema: Schema;
  readonly during: Connection['during'];
  readonly writes: WriteWatch;
  /** Identifies the connection: the epoch is read again when it changes. */
  readonly generation: () => number;
  readonly metrics: BusMetrics;
  readonly log: Logger;
}

/** A deletion leaves a marker this long, so that a reader in between sees it; then the key costs nothing. */
const markerLives = '60s';
/** How many messages the server sends at a time: more than a few hundred would wait in memory on a slow line. */
const pageSize = 500;

interface RawEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly revision: number;
  readonly writtenAt: Date;
}

/** A bucket on NATS KV. Reads use direct gets: no consumer is made, so nothing is left behind and nothing goes stale. */
export function openBucket<Schema extends z.ZodType>(options: BucketOptions<Schema>): Bucket<z.infer<Schema>> {
  type Value = z.infer<Schema>;
  const { name, schema, during, writes, generation, metrics, log } = options;
  const stream = `KV_${name}`;
  const subjectPrefix = `$KV.${name}.`;
  const keepsHistory = 'history' in buckets[name];
  let epoch: { readonly generation: number; readonly value: string } | null = null;

  function parse(raw: RawEntry): Entry<Value> | null {
    const parsed = decodeTolerantly(schema, raw.bytes);
    if (parsed.ok) return { key: raw.key, value: parsed.value, revision: raw.revision, writtenAt: raw.writtenAt };
    metrics.rejected.inc({ subject: stream });
    log.warn({ bucket: name, key: raw.key, reason: parsed.reason }, 'stored value does not fit its contract');
    return null;
  }

  function encode(key: string, value: Value): Uint8Array {
    const bytes = encodeStrictly(schema, value, `${name}/${key}`);
    assertFits(bytes, `${name}/${key}`, largestValue);
    return bytes;
  }

  async function get(key: string): Promise<Entry<Value> | null> {
    const raw = await getRaw(key);
    return raw && parse(raw);
  }

  async function getRaw(key: string): Promise<RawEntry | null> {
    const entry = await calling(`reading ${name}/${key}`, async (link) => await (await openKv(link)).get(key));
    if (entry?.operation !== 'PUT') return null;
    return { key, bytes: entry.value, revision: entry.revision, writtenAt: entry.created };
  }

  async function openKv({ kv }: Link): Promise<KV> {
    return await kv.open(name, { allow_direct: true });
  }

  /** Last values of all keys under `filter`, a page at a time. */
  async function lastValues(
    filter: string,
    wanted: (key: string) => boolean,
    onUnreadable: (key: string) => void = () => undefined,
  ): Promise<ReadonlyMap<string, Entry<Value>>> {
    const found = new Map<string, Entry<Value>>();
    const raws = await calling(`reading ${name}`, async ({ manager }) => await readLast(manager, filter));
    for (const raw of raws) {
      if (!wanted(raw.key)) continue;
      const entry = parse(raw);
      if (entry) found.set(raw.key, entry);
      else onUnreadable(raw.key);
    }
    return found;
  }

  async function readLast(manager: Link['manager'], filter: string): Promise<RawEntry[]> {
    const stored = await readDirect(manager, stream, { kind: 'last', multi_last: [`${subjectPrefix}${filter}`] }).catch(
      (thrown: unknown) => {
        if (/too many/i.test(String(thrown))) return readInPages(manager, filter);
        throw thrown;
      },
    );
    return stored.filter((message) => isValue(message) && !message.subject.endsWith(`.${epochKey}`)).map(toRaw);
  }

  /** For more keys than one answer holds: walks the bucket in order of its sequence and keeps the last of each key. */
  async function readInPages(manager: Link['manager'], filter: string): Promise<StoredMsg[]> {
    const last = new Map<string, StoredMsg>();
    for (let seq: number | null = 1; seq !== null; ) {
      const page: readonly StoredMsg[] = await readDirect(manager, stream, {
        kind: 'batch',
        seq,
        batch: pageSize,
        next_by_subj: `${subjectPrefix}${filter}`,
      });
      for (const message of page) last.set(message.subject, message);
      const end = page.at(-1);
      seq = end && end.pending > 0 ? end.seq + 1 : null;
    }
    return [...last.values()];
  }

  function toRaw(message: StoredMsg): RawEntry {
    return { key: message.subject.slice(subjectPrefix.length), bytes: message.data, revision: message.seq, writtenAt: message.time };
  }

  /** Runs a conditional write: null when the condition no longer held. */
  async function conditionally(what: string, write: (kv: KV) => Promise<number>): Promise<number | null> {
    return await calling(what, async (link) => {
      const kv = await openKv(link);
      try {
        const revision = await write(kv);
        writes.worked();
        return revision;
      } catch (thrown) {
        if (isConflict(thrown)) {
          writes.worked();
          return null;
        }
        if (!link.connection.isClosed()) writes.failed(errorMessage(thrown));
        throw thrown;
      }
    });
  }

  async function calling<Result>(what: string, call: (link: Link) => Promise<Result>): Promise<Result> {
    try {
      return await during(call);
    } catch (thrown) {
      throw busError(thrown, what);
    }
  }

  return {
    name,
    get,
    readEverything: async () => await lastValues('>', () => true),
    readAll: async (node: NodeName, onUnreadable) => await lastValues(`${node}.>`, (key) => !key.startsWith(`${node}._`), onUnreadable),
    async history(key) {
      const raws = await calling(`reading the history of ${name}/${key}`, async ({ manager }) => await readHistory(manager, key));
      return raws.map(parse).filter((entry) => entry !== null);
    },
    async create(key, value) {
      const bytes = encode(key, value);
      const what = `creating ${name}/${key}`;
      const created = await conditionally(what, async (kv) => await kv.create(key, bytes));
      if (created !== null) return created;
      // A value that nobody can read is no value: its owner, the only writer, replaces it.
      const raw = await getRaw(key);
      if (!raw || decodeTolerantly(schema, raw.bytes).ok) return null;
      return await conditionally(what, async (kv) => await kv.update(key, bytes, raw.revision));
    },
    async update(key, value, revision) {
      const bytes = encode(key, value);
      return await conditionally(`writing ${name}/${key}`, async (kv) => await kv.update(key, bytes, revision));
    },
    async delete(key, revision) {
      const done = await conditionally(`deleting ${name}/${key}`, async (kv) => {
        await (keepsHistory ? kv.delete(key, { previousSeq: revision }) : kv.purge(key, { previousSeq: revision, ttl: markerLives }));
        return revision;
      });
      return done !== null;
    },
    async globalRevision(revision) {
      const current = generation();
      if (epoch?.generation !== current) epoch = { generation: current, value: await readEpoch() };
      return `${epoch.value}.${revision}`;
    },
  };

  async function readHistory(manager: Link['manager'], key: string): Promise<RawEntry[]> {
    const kept = await readDirect(manager, stream, { kind: 'batch', seq: 1, batch: 100, next_by_subj: `${subjectPrefix}${key}` });
    return kept.filter(isValue).map(toRaw);
  }

  async function readEpoch(): Promise<string> {
    const raw = await getRaw(epochKey);
    const parsed = raw && decodeTolerantly(z.object({ epoch: z.string() }), raw.bytes);
    if (!parsed?.ok) throw busError(new Error('the bucket has no epoch yet'), `reading ${name}`);
    return parsed.value.epoch;
  }
}

/** Deletions and expiries are kept as markers without a value. */
function isValue(message: StoredMsg): boolean {
  return message.header.get('KV-Operation') === '' && message.header.get('Nats-Marker-Reason') === '';
}

function isConflict(thrown: unknown): boolean {
  return (
    thrown instanceof JetStreamApiError &&
    (thrown.code === JetStreamApiCodes.StreamWrongLastSequence || thrown.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}
