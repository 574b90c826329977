import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  JetStreamError,
  type JetStreamManager,
  jetstream,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, errors, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { type BucketName, buckets, entriesOf, epochKey, eventStream, storedSubjects } from '../../contracts/index.ts';
import { errorMessage } from '../../kernel/index.ts';
import { type Durable, durables } from './access.ts';
import { bucketSettings, outdated } from './bucket-settings.ts';

/** Which server is brought up to date, and who is told what was done. */
export interface ProvisionOptions {
  readonly url: string;
  /** Folder that holds `provision.nk`. */
  readonly keysFolder: string;
  readonly hooks: readonly string[];
  /** Milliseconds to wait for the server, and for it to do what it is asked. Default 60 s. */
  readonly waitMs?: number;
  readonly tell: (line: string) => void;
}

interface Server {
  readonly manager: JetStreamManager;
  readonly connection: NatsConnection;
}

const day = 24 * 60 * 60 * 1_000;
const nanosecondsPerMs = 1_000_000;
const megabyte = 1024 * 1024;

const againAfterMs = 500;

/**
 * Makes the stream, the buckets and the durables, or brings them up to date. Repeating it changes nothing: what a server does not answer in time,
 * or is not ready for yet, is begun anew. Rejects with what the server said when it refuses, or does not answer for too long.
 */
export async function provisionBus({ waitMs = 60_000, ...options }: ProvisionOptions): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    try {
      return await provisionOnce({ ...options, waitMs });
    } catch (thrown) {
      if (!passes(thrown) || performance.now() >= until) throw thrown;
      options.tell(`begins anew: ${errorMessage(thrown)}`);
      await setTimeout(againAfterMs);
    }
  }
}

/** The server was away, busy, or about to be ready. */
function passes(thrown: unknown): boolean {
  if (thrown instanceof JetStreamApiError) return thrown.status >= 500;
  // A request that was refused is an error of the request, as one that nobody heard.
  if (/permissions violation/i.test(errorMessage(thrown))) return false;
  const passing = [
    errors.TimeoutError,
    errors.NoRespondersError,
    errors.RequestError,
    errors.ConnectionError,
    errors.ClosedConnectionError,
  ];
  return thrown instanceof JetStreamError || passing.some((each) => thrown instanceof each);
}

async function provisionOnce({ url, keysFolder, hooks, waitMs, tell }: Required<ProvisionOptions>): Promise<void> {
  const seed = new TextEncoder().encode((await readFile(join(keysFolder, 'provision.nk'), 'utf8')).trim());
  const connection = await connect({
    servers: url,
    name: 'kedge provision',
    authenticator: nkeyAuthenticator(seed),
    inboxPrefix: '_INBOX_provision',
    waitOnFirstConnect: true,
    reconnectTimeWait: 250,
    maxReconnectAttempts: Math.ceil(waitMs / 250),
  });
  try {
    const manager = await jetstream(connection).jetstreamManager(false);
    await makeStream(manager);
    tell(`stream ${eventStream}: ${storedSubjects().length} subjects`);
    for (const [name] of entriesOf(buckets)) tell(`bucket ${name}: epoch ${await makeBucket({ manager, connection }, name)}`);
    for (const durable of durables(hooks)) {
      await makeDurable(manager, durable);
      tell(`durable ${durable.name}: ${durable.subjects.length} subjects`);
    }
    await connection.drain();
  } finally {
    // A server that does not answer would be waited for.
    await connection.close();
  }
}

async function makeStream(manager: JetStreamManager): Promise<void> {
  const config = {
    name: eventStream,
    subjects: storedSubjects(),
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: 7 * day * nanosecondsPerMs,
    max_bytes: 512 * megabyte,
    // An owed event may be said again after an outage: the longer the server remembers its id, the fewer repeats anyone sees.
    duplicate_window: day * nanosecondsPerMs,
    allow_direct: true,
  };
  const known = await exists(async () => await manager.streams.info(eventStream));
  await (known ? manager.streams.update(eventStream, config) : manager.streams.add(config));
}

/** Resolves to the bucket's epoch, which is the time of its making, and to what of an older bucket was changed. */
async function makeBucket({ manager, connection }: Server, name: BucketName): Promise<string> {
  const wanted = bucketSettings(name);
  const kv = await new Kvm(jetstream(connection)).create(name, {
    history: wanted.max_msgs_per_subject,
    allow_direct: wanted.allow_direct,
    markerTTL: 60_000,
    max_bytes: wanted.max_bytes,
    maxValueSize: wanted.max_msg_size,
    ...(wanted.max_age > 0 ? { ttl: wanted.max_age / nanosecondsPerMs } : {}),
  });
  const { streamInfo } = await kv.status();
  // Making one that is there already changes nothing of it.
  const changes = outdated(streamInfo.config, wanted);
  if (changes.length > 0) await manager.streams.update(streamInfo.config.name, wanted);
  const epoch = `${Date.parse(streamInfo.created).toString(36)}`;
  // Written at every start: in a bucket whose values expire it would otherwise vanish with them.
  await kv.put(epochKey, JSON.stringify({ epoch }));
  return changes.length > 0 ? `${epoch}, brought up to date: ${changes.join(', ')}` : epoch;
}

async function makeDurable(manager: JetStreamManager, { name, subjects, begins, mostUnacknowledged }: Durable): Promise<void> {
  const settings = {
    filter_subjects: [...subjects],
    ack_wait: 60_000 * nanosecondsPerMs,
    max_deliver: -1,
    max_ack_pending: mostUnacknowledged,
  };
  const known = await exists(async () => await manager.consumers.info(eventStream, name));
  await (known
    ? manager.consumers.update(eventStream, name, settings)
    : manager.consumers.add(eventStream, {
        durable_name: name,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: begins === 'with the first' ? DeliverPolicy.All : DeliverPolicy.New,
        ...settings,
      }));
}

async function exists(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (thrown) {
    if (/not found/i.test(String(thrown))) return false;
    throw thrown;
  }
}
