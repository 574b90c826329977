import type { BucketName } from '../../contracts/index.ts';
import type { Bucket, Entry } from '../bus.ts';

/** A bucket in memory that keeps the promises of `Bucket` for values that fit, with what a test does to it from outside. */
export interface MemoryBucket<Value> extends Bucket<Value> {
  /** Someone else writes, whatever stands there. */
  overwrite(key: string, value: Value): void;
  /** The value vanishes, as when its time to live has passed. */
  expire(key: string): void;
}

interface MemoryBucketOptions {
  readonly name: BucketName;
  /** Called before each call reaches the store; what it throws is what the call rejects with. */
  readonly before?: (call: 'get' | 'create' | 'update' | 'delete') => void | Promise<void>;
}

/** Begins empty; revisions count from 1. */
export function createMemoryBucket<Value>({ name, before = () => undefined }: MemoryBucketOptions): MemoryBucket<Value> {
  const entries = new Map<string, Entry<Value>>();
  let revision = 0;

  function write(key: string, value: Value): number {
    revision += 1;
    entries.set(key, { key, value: structuredClone(value), revision, writtenAt: new Date(revision) });
    return revision;
  }

  return {
    name,
    overwrite: (key, value) => void write(key, value),
    expire: (key) => void entries.delete(key),
    async get(key) {
      await before('get');
      return entries.get(key) ?? null;
    },
    async create(key, value) {
      await before('create');
      return entries.has(key) ? null : write(key, value);
    },
    async update(key, value, expected) {
      await before('update');
      return entries.get(key)?.revision === expected ? write(key, value) : null;
    },
    async delete(key, expected) {
      await before('delete');
      return entries.get(key)?.revision === expected && entries.delete(key);
    },
    readAll: async (node) => new Map([...entries].filter(([key]) => key.startsWith(`${node}.`) && !key.startsWith(`${node}._`))),
    readEverything: async () => new Map(entries),
    history: async (key) => [...entries.values()].filter((entry) => entry.key === key),
    globalRevision: async (of) => `memory.${of}`,
  };
}
