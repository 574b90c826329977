import type { z } from 'zod';
import type {
  BucketName,
  CloudEvent,
  CommandSubject,
  DataOf,
  EventContext,
  EventSubject,
  Identity,
  NodeName,
  OwedEvent,
  ReplyOf,
  RequestSubject,
  Subject,
} from '../contracts/index.ts';
import type { Closable } from '../kernel/index.ts';
import type { WriteTrouble } from './write-watch.ts';

/** A stored value with the revision that the store gave it. */
export interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  /** Sequence within the bucket; hand it back to `update` and `delete`. */
  readonly revision: number;
  /** When the store received the value. */
  readonly writtenAt: Date;
}

/** A key-value bucket seen through one schema. Values that do not fit it are counted, logged and treated as absent. */
export interface Bucket<Value> {
  readonly name: BucketName;
  /** Resolves to null when there is none (never written, deleted or expired). Rejects with BUS_UNAVAILABLE when the bus is away. */
  get(key: string): Promise<Entry<Value> | null>;
  /**
   * The last value of each service key of `node` (keys like `<node>._config` excluded), read afresh. `onUnreadable` is told the keys
   * whose value does not fit the schema, for whom "absent" would be the wrong conclusion.
   */
  readAll(node: NodeName, onUnreadable?: (key: string) => void): Promise<ReadonlyMap<string, Entry<Value>>>;
  /** The last value of every key, whatever its form. */
  readEverything(): Promise<ReadonlyMap<string, Entry<Value>>>;
  /** All kept values of one key, oldest first. */
  history(key: string): Promise<readonly Entry<Value>[]>;
  /** Writes the first value; one that does not fit the schema counts as none. Resolves to null when there is one already: somebody else was first. */
  create(key: string, value: Value): Promise<number | null>;
  /** Compare-and-set. Resolves to null when `revision` is no longer the last one. */
  update(key: string, value: Value, revision: number): Promise<number | null>;
  /** Deletes; false when `revision` is no longer the last one. */
  delete(key: string, revision: number): Promise<boolean>;
  /** `<bucket creation>.<sequence>`: comparable within one epoch only. Read afresh at each (re)connect. */
  globalRevision(revision: number): Promise<string>;
}

/** What a handler of a command did with it. */
export type Handled =
  | { readonly kind: 'done' }
  /** The effect could not be stored now: deliver it again after this time. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It can never work: drop it, count it. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** A component's connection to everybody else. Reconnects for ever; `close` drains it. */
export interface Bus extends Closable {
  readonly identity: Identity;
  readonly instance: string;
  readonly node: NodeName;
  isConnected(): boolean;
  /** Monotonic milliseconds since the connection was (re)established; 0 while disconnected. */
  connectedForMs(): number;
  /** Why the store takes no writes, although the bus is connected; null while it does, as far as anybody tried. */
  writeTrouble(): WriteTrouble | null;
  /** Called after every reconnect, and not for the first connect: read everything afresh. */
  onReconnect(listener: () => void): void;

  bucket<Schema extends z.ZodType>(name: BucketName, schema: Schema): Bucket<z.infer<Schema>>;

  /**
   * Publishes an event or command into the stream and waits for its acknowledgement; tries again while the bus is away.
   * `id` de-duplicates: give `<subject>/<key>/<revision>` for facts with state; a ULID is made for others.
   * @throws {TerminalError} CONTRACT_VIOLATION when `data` does not fit the catalogue
   */
  publish<Name extends EventSubject | CommandSubject>(
    subject: Name,
    data: DataOf<Name>,
    options?: EventContext & { readonly id?: string; readonly service?: string },
  ): Promise<void>;

  /** Core subscription: a wake. Malformed events are counted and dropped. May miss, repeat and reorder: a full pass covers it. */
  wake<Name extends EventSubject>(subject: Name, listener: (event: CloudEvent<DataOf<Name>>) => void): void;

  /**
   * Takes commands from the durable consumer, one after another, acknowledging each after `handle` resolved. Malformed ones are terminated.
   * One whose envelope names another node is left to the reconciler of that node for ten minutes, then terminated.
   */
  consume<Name extends CommandSubject>(
    durable: string,
    handle: (command: { readonly subject: Name; readonly event: CloudEvent<DataOf<Name>> }) => Promise<Handled>,
  ): Promise<Closable>;

  /**
   * Asks. Rejects with REQUEST_UNANSWERED (retryable) when nobody answered in time (default 5 s), or with the code of the error that the
   * responder sent.
   */
  request<Name extends RequestSubject>(
    subject: Name,
    data: DataOf<Name>,
    options?: { readonly timeoutMs?: number },
  ): Promise<ReplyOf<Name>>;

  /** Answers as a member of the queue group. What `answer` throws travels back as code and message. */
  serve<Name extends RequestSubject>(subject: Name, answer: (data: DataOf<Name>) => Promise<ReplyOf<Name>>): void;

  /** Follows any events that this identity may subscribe to (people and hooks): each is checked against the catalogue. */
  follow(subjects: readonly Subject[], listener: (event: CloudEvent) => void): Closable;

  /**
   * What the stream holds of these subjects since then, oldest first, at most the newest 50,000 (people and hooks only). Whatever is said while it reads is among what
   * `follow` hears if that was called before; the same event may be in both. Malformed ones are counted and left out. Rejects with
   * BUS_UNAVAILABLE when the bus is away, or when the stream may not be read.
   */
  recent(question: { readonly since: Date; readonly subjects: readonly Subject[] }): Promise<readonly CloudEvent[]>;
}

/** A value that may owe events to the world. */
export interface Owing {
  readonly owes?: readonly OwedEvent[] | undefined;
}
