import type { KV } from '@nats-io/kv';
import { type BucketName, epochKey } from '../contracts/index.ts';
import { type DirectReader, readDirect, type StoredMessage } from './direct-read.ts';
import { busError } from './link.ts';

/** A stored value as it came from the server: nobody has looked into it yet. */
export interface StoredEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly revision: number;
  readonly writtenAt: Date;
}

/** What a bucket holds. Everything is read with direct gets: no consumer is made, so nothing is left behind and nothing goes stale. */
export interface StoredEntries {
  /** Resolves to null when there is none: never written, deleted or expired. */
  get(key: string): Promise<StoredEntry | null>;
  /** The last value of every key under `filter` (`>`, or `<node>.>`), but not the epoch of the bucket. */
  last(filter: string): Promise<readonly StoredEntry[]>;
  /** All kept values of one key, oldest first. */
  history(key: string): Promise<readonly StoredEntry[]>;
}

/** As much of a link as reading needs. */
interface ReadableLink {
  readonly manager: DirectReader;
  readonly kv: { open(name: string, options: { readonly allow_direct: boolean }): Promise<Pick<KV, 'get'>> };
}

interface StoredEntriesPorts {
  readonly name: BucketName;
  /** `Connection.during`. */
  readonly during: <Result>(call: (link: ReadableLink) => Promise<Result>) => Promise<Result>;
}

/** How many messages the server sends at a time: more than a few hundred would wait in memory on a slow line. */
const pageSize = 500;
/** More than any bucket keeps of one key. */
const longestHistory = 100;

/** Every read rejects with BUS_UNAVAILABLE when the bus is away, and with BUS_REFUSED when this identity may not read the bucket. */
export function createStoredEntries({ name, during }: StoredEntriesPorts): StoredEntries {
  const stream = `KV_${name}`;
  const subjectPrefix = `$KV.${name}.`;

  async function reading<Result>(what: string, read: (link: ReadableLink) => Promise<Result>): Promise<Result> {
    try {
      return await during(read);
    } catch (thrown) {
      throw busError(thrown, what);
    }
  }

  async function readLast(manager: DirectReader, filter: string): Promise<readonly StoredMessage[]> {
    try {
      return await readDirect(manager, { kind: 'last', stream, multi_last: [`${subjectPrefix}${filter}`] });
    } catch (thrown) {
      if (/too many/i.test(String(thrown))) return await readInPages(manager, filter);
      throw thrown;
    }
  }

  /** For more keys than one answer holds: walks the bucket in order of its sequence and keeps the last of each key. */
  async function readInPages(manager: DirectReader, filter: string): Promise<readonly StoredMessage[]> {
    const last = new Map<string, StoredMessage>();
    for (let seq: number | null = 1; seq !== null; ) {
      const question = { kind: 'batch', stream, seq, batch: pageSize, next_by_subj: `${subjectPrefix}${filter}` } as const;
      const page: readonly StoredMessage[] = await readDirect(manager, question);
      for (const message of page) last.set(message.subject, message);
      const end = page.at(-1);
      seq = end && end.pending > 0 ? end.seq + 1 : null;
    }
    return [...last.values()];
  }

  function toEntry(message: StoredMessage): StoredEntry {
    return { key: message.subject.slice(subjectPrefix.length), bytes: message.data, revision: message.seq, writtenAt: message.time };
  }

  return {
    async get(key) {
      const entry = await reading(`reading ${name}/${key}`, async ({ kv }) => await (await kv.open(name, { allow_direct: true })).get(key));
      if (entry?.operation !== 'PUT') return null;
      return { key, bytes: entry.value, revision: entry.revision, writtenAt: entry.created };
    },
    async last(filter) {
      const stored = await reading(`reading ${name}`, async ({ manager }) => await readLast(manager, filter));
      return stored.filter((message) => isValue(message) && !message.subject.endsWith(`.${epochKey}`)).map(toEntry);
    },
    async history(key) {
      const question = { kind: 'batch', stream, seq: 1, batch: longestHistory, next_by_subj: `${subjectPrefix}${key}` } as const;
      const kept = await reading(`reading the history of ${name}/${key}`, async ({ manager }) => await readDirect(manager, question));
      return kept.filter(isValue).map(toEntry);
    },
  };
}

/** Deletions and expiries are kept as markers without a value. */
function isValue(message: StoredMessage): boolean {
  return message.header.get('KV-Operation') === '' && message.header.get('Nats-Marker-Reason') === '';
}
