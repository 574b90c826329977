import { assertFits, type Bucket, type Bus, type Entry, largestValue } from '@kedge/shared/bus';
import { type BucketName, type CloudEvent, type NodeName, type Subject, subjects } from '@kedge/shared/contracts';
import type { z } from 'zod';
import type { Clock } from '../ports.ts';

interface StoredValue {
  readonly value: unknown;
  readonly revision: number;
  readonly writtenAt: Date;
}

/** What outlives a crash of the reconciler: the buckets and the stream. */
export interface MemoryStore {
  readonly buckets: Map<BucketName, Map<string, StoredValue>>;
  /** All that was written, by bucket and key. */
  readonly history: Map<string, StoredValue[]>;
  readonly events: CloudEvent[];
  readonly ids: Set<string>;
  revision: number;
}

export function createMemoryStore(): MemoryStore {
  return { buckets: new Map(), history: new Map(), events: [], ids: new Set(), revision: 0 };
}

interface MemoryBusOptions {
  readonly store: MemoryStore;
  readonly node: NodeName;
  readonly clock: Clock;
  /** Called around every call that a crash may interrupt. */
  readonly around?: <Result>(name: string, call: () => Result) => Promise<Result>;
  /** Told about every value that was written. */
  readonly onWrite?: (bucket: BucketName, key: string, value: unknown) => void;
}

/** The bus of one process in memory, with the contracts checked as the real one does: strictly. Requests go unanswered. */
export function createMemoryBus({ store, node, clock, around = passThrough, onWrite }: MemoryBusOptions): Bus {
  const connectedAt = clock.monotonicMs();

  function bucket<Schema extends z.ZodType>(name: BucketName, schema: Schema): Bucket<z.infer<Schema>> {
    type Value = z.infer<Schema>;
    const values = store.buckets.get(name) ?? new Map<string, StoredValue>();
    store.buckets.set(name, values);
    /** What was read already: nobody can change it, so whoever reads it again gets the same. */
    const read = new WeakMap<StoredValue, { readonly entry: Entry<Value> | null }>();
    const entry = (key: string): Entry<Value> | null => {
      const stored = values.get(key);
      if (!stored) return null;
      const known = read.get(stored) ?? parse(key, stored);
      read.set(stored, known);
      return known.entry;
    };
    const parse = (key: string, stored: StoredValue): { readonly entry: Entry<Value> | null } => {
      const parsed = schema.safeParse(stored.value);
      return { entry: parsed.success ? { ...stored, key, value: deepFreeze(parsed.data) } : null };
    };
    const write = (key: string, value: Value): number => {
      schema.parse(value);
      assertFits(new TextEncoder().encode(JSON.stringify(value)), { what: `${name}/${key}`, limit: largestValue });
      store.revision += 1;
      const stored = { value: deepFreeze(structuredClone(value)), revision: store.revision, writtenAt: clock.now() };
      values.set(key, stored);
      store.history.set(`${name}/${key}`, [...(store.history.get(`${name}/${key}`) ?? []), stored]);
      onWrite?.(name, key, value);
      return store.revision;
    };
    const all = (isWanted: (key: string) => boolean) =>
      new Map(
        [...values.keys()]
          .filter(isWanted)
          .flatMap((key) => [[key, entry(key)] as const])
          .filter((pair): pair is readonly [string, Entry<Value>] => pair[1] !== null),
      );
    return {
      name,
      get: (key) => around(`${name}.get`, () => entry(key)),
      readAll: (of) => around(`${name}.readAll`, () => all((key) => key.startsWith(`${of}.`) && !key.startsWith(`${of}._`))),
      readEverything: () => around(`${name}.readEverything`, () => all(() => true)),
      history: (key) =>
        around(`${name}.history`, () => (store.history.get(`${name}/${key}`) ?? []).flatMap((stored) => parse(key, stored).entry ?? [])),
      create: (key, value) => around(`${name}.create`, () => (values.has(key) ? null : write(key, value))),
      update: (key, value, revision) => around(`${name}.update`, () => (values.get(key)?.revision === revision ? write(key, value) : null)),
      delete: (key, revision) =>
        around(`${name}.delete`, () => {
          if (values.get(key)?.revision !== revision) return false;
          return values.delete(key);
        }),
      globalRevision: async (revision) => `epoch.${revision}`,
    };
  }

  return {
    identity: 'reconciler',
    instance: 'simulated',
    node,
    isConnected: () => true,
    writeTrouble: () => null,
    connectedForMs: () => clock.monotonicMs() - connectedAt,
    onReconnect: () => undefined,
    bucket,
    async publish(subject, data, { id = `made-${store.events.length}`, service, ...context } = {}) {
      await around(`publish ${subject}`, () => {
        const contract = subjects[subject satisfies Subject];
        contract.data.parse(data);
        if (store.ids.has(id)) return;
        store.ids.add(id);
        const time = clock.now().toISOString();
        store.events.push({
          specversion: '1.0',
          id,
          source: 'simulated',
          type: `${subject}.v1`,
          time,
          kedgenode: node,
          subject: service,
          ...context,
          data: structuredClone(data),
        });
      });
    },
    wake: () => undefined,
    consume: async () => ({ close: async () => undefined }),
    request: async () => {
      throw new Error('nobody answers in the simulation');
    },
    serve: () => undefined,
    follow: () => ({ close: async () => undefined }),
    recent: async () => store.events,
    close: async () => undefined,
  };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}

async function passThrough<Result>(_name: string, call: () => Result): Promise<Result> {
  return call();
}
