import type { Logger } from 'pino';
import type { z } from 'zod';
import { type BucketName, type Identity, LeaseEntry, type NodeName } from '../contracts/index.ts';
import { openBucket } from './bucket.ts';
import type { Bus } from './bus.ts';
import { type BusMetrics, createBusMetrics } from './bus-metrics.ts';
import { consumeCommands } from './commands.ts';
import { createConnection, patienceMs } from './connection.ts';
import { createNodePresence } from './node-presence.ts';
import { createPublisher } from './publisher.ts';
import { createRecent } from './recent.ts';
import { createRequests } from './requests.ts';
import { createSubscriber } from './subscriber.ts';
import { type BucketTrial, createAccessTrials, type DurableState } from './try-access.ts';
import { createWriteWatch } from './write-watch.ts';

/** Who connects where. */
export interface BusOptions {
  readonly identity: Identity;
  readonly node: NodeName;
  readonly instance: string;
  readonly url: string;
  /** Folder that holds `<identity>.nk`. */
  readonly keysFolder: string;
  readonly log: Logger;
  readonly metrics?: BusMetrics;
}

/**
 * Makes the bus and waits until it is connected.
 * @throws {RetryableError} BUS_UNAVAILABLE when nobody answered within `waitMs` (default 5 s)
 * @throws {TerminalError} BUS_KEY_MISSING when the key of the identity cannot be read
 */
export async function connectBus({ waitMs = patienceMs, ...options }: BusOptions & { readonly waitMs?: number }): Promise<Bus> {
  const bus = createBus(options);
  try {
    await bus.connected(waitMs);
    return bus;
  } catch (thrown) {
    await bus.close();
    throw thrown;
  }
}

/** What the owner of a bus may wait for. */
export interface OwnedBus extends Bus {
  /** Resolves once the bus is connected; rejects with BUS_UNAVAILABLE after `waitMs`. */
  connected(waitMs: number): Promise<void>;
  /** Resolves once the server knows of every subscription made so far. */
  flushed(): Promise<void>;
  /** Tries to read and to write every bucket that this identity may, without an effect. */
  tryBuckets(): Promise<readonly BucketTrial[]>;
  /** How a durable consumer of this identity stands; never rejects. */
  durable(name: string): Promise<DurableState>;
}

/** A bus that connects in the background; calls wait up to 5 s for the connection. */
export function createBus(options: BusOptions): OwnedBus {
  const { identity, node, instance, log, metrics = createBusMetrics() } = options;
  const connection = createConnection({ ...options, metrics });
  const { link, during, generation } = connection;
  const writes = createWriteWatch();
  const publish = createPublisher({ connection, source: `${identity}/${instance}`, node, metrics, log });
  const { subscribe, follow } = createSubscriber({ connection, metrics, log });
  const { request, serve } = createRequests({ connection, subscribe, metrics, log });
  const { tryBuckets, durable } = createAccessTrials({ identity, during });

  return {
    identity,
    instance,
    node,
    connected: async (waitMs) => {
      await link(waitMs);
    },
    flushed: async () => await (await link()).connection.flush(),
    tryBuckets,
    durable,
    isConnected: connection.isConnected,
    connectedForMs: connection.connectedForMs,
    onReconnect: connection.onReconnect,
    // Whoever is disconnected cannot know what the server would take.
    writeTrouble: () => (connection.isConnected() ? writes.trouble() : null),
    bucket: <Schema extends z.ZodType>(name: BucketName, schema: Schema) =>
      openBucket({ name, schema, during, writes, generation, metrics, log }),
    publish,
    wake: (subject, listener) => void follow([subject], listener),
    consume: async (name, handle) => {
      const narrowed = handle as Parameters<typeof consumeCommands>[0]['handle'];
      const leases = openBucket({ name: 'leases', schema: LeaseEntry, during, writes, generation, metrics, log });
      const isPresent = createNodePresence(leases);
      return consumeCommands({ link, durable: name, node, isPresent, metrics, log, signal: connection.signal, handle: narrowed });
    },
    request,
    serve,
    follow,
    recent: createRecent({ during, metrics, log }),
    close: connection.close,
  };
}
