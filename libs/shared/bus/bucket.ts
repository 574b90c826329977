import type { Logger } from 'pino';
import { z } from 'zod';
import { type BucketName, buckets, epochKey, type NodeName } from '../contracts/index.ts';
import type { Bucket, Entry } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { decodeTolerantly, encodeStrictly } from './codec.ts';
import { createConditionalWrite } from './conditional-write.ts';
import type { Connection } from './connection.ts';
import { assertFits, largestValue } from './limits.ts';
import { busError } from './link.ts';
import { createStoredEntries, type StoredEntry } from './stored-entries.ts';
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

/** A bucket on NATS KV, seen through one schema. */
export function openBucket<Schema extends z.ZodType>(options: BucketOptions<Schema>): Bucket<z.infer<Schema>> {
  type Value = z.infer<Schema>;
  const { name, schema, during, writes, generation, metrics, log } = options;
  const stored = createStoredEntries({ name, during });
  const conditionally = createConditionalWrite({ name, during, writes });
  const keepsHistory = 'history' in buckets[name];
  let epoch: { readonly generation: number; readonly value: string } | null = null;

  function parse({ bytes, ...entry }: StoredEntry): Entry<Value> | null {
    const parsed = decodeTolerantly(schema, bytes);
    if (parsed.ok) return { ...entry, value: parsed.value };
    metrics.rejected.inc({ subject: `KV_${name}` });
    log.warn({ bucket: name, key: entry.key, reason: parsed.reason }, 'stored value does not fit its contract');
    return null;
  }

  function encode(key: string, value: Value): Uint8Array {
    const what = `${name}/${key}`;
    const bytes = encodeStrictly(value, { schema, what });
    assertFits(bytes, { what, limit: largestValue });
    return bytes;
  }

  return {
    name,
    async get(key) {
      const entry = await stored.get(key);
      return entry && parse(entry);
    },
    async readEverything() {
      return byKey((await stored.last('>')).map(parse));
    },
    async readAll(node: NodeName, onUnreadable) {
      const entries = (await stored.last(`${node}.>`)).filter(({ key }) => !key.startsWith(`${node}._`));
      const parsed = entries.map((entry) => {
        const readable = parse(entry);
        if (!readable) onUnreadable?.(entry.key);
        return readable;
      });
      return byKey(parsed);
    },
    async history(key) {
      return (await stored.history(key)).map(parse).filter((entry) => entry !== null);
    },
    async create(key, value) {
      const bytes = encode(key, value);
      const what = `creating ${name}/${key}`;
      const created = await conditionally(what, async (kv) => await kv.create(key, bytes));
      if (created !== null) return created;
      // A value that nobody can read is no value: its owner, the only writer, replaces it.
      const current = await stored.get(key);
      if (!current || decodeTolerantly(schema, current.bytes).ok) return null;
      return await conditionally(what, async (kv) => await kv.update(key, bytes, current.revision));
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

  async function readEpoch(): Promise<string> {
    const entry = await stored.get(epochKey);
    const parsed = entry && decodeTolerantly(z.object({ epoch: z.string() }), entry.bytes);
    if (!parsed?.ok) throw busError(new Error('the bucket has no epoch yet'), `reading ${name}`);
    return parsed.value.epoch;
  }
}

function byKey<Value>(entries: readonly (Entry<Value> | null)[]): ReadonlyMap<string, Entry<Value>> {
  return new Map(entries.flatMap((entry) => (entry ? [[entry.key, entry] as const] : [])));
}
