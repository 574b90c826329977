import { headers, type Msg, type Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { z } from 'zod';
import {
  type CloudEvent,
  type CommandSubject,
  type DataOf,
  type EventSubject,
  type Identity,
  type NodeName,
  type ReplyOf,
  type RequestSubject,
  type Subject,
  subjects,
} from '../contracts/index.ts';
import { type Closable, errorCode, errorMessage, RetryableError, TerminalError, wait } from '../kernel/index.ts';
import { openBucket } from './bucket.ts';
import type { Bus } from './bus.ts';
import { type BusMetrics, createBusMetrics } from './bus-metrics.ts';
import { decodeEvent, decodeTolerantly, encodeStrictly } from './codec.ts';
import { consumeCommands } from './commands.ts';
import { busError, type Link, openLink } from './link.ts';

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

/** How long a call waits for a connection, in milliseconds, before it says BUS_UNAVAILABLE. */
const patienceMs = 5_000;
/** Waits between attempts of one publish, in milliseconds; after the last one the caller is told. */
const publishWaitsMs = [250, 500, 1_000, 2_000, 4_000, 8_000];
const errorCodeHeader = 'Kedge-Error-Code';

/**
 * Makes the bus and waits until it is connected.
 * @throws {RetryableError} BUS_UNAVAILABLE when nobody answered within `waitMs` (default 5 s)
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

/** A bus that connects in the background; calls wait up to 5 s for the connection. */
export function createBus(options: BusOptions): Bus & { readonly connected: (waitMs: number) => Promise<void> } {
  const { identity, node, instance, log } = options;
  const metrics = options.metrics ?? createBusMetrics();
  const closing = new AbortController();
  const reconnected: (() => void)[] = [];
  let generation = 0;
  let connectedSince: number | null = null;
  let current: Link | null = null;

  const opening = openLink({ ...options, signal: closing.signal }).then((opened) => {
    if (!opened) return null;
    current = opened;
    connectedSince = performance.now();
    log.info({ url: options.url }, 'connected to the bus');
    void followStatus(opened);
    return opened;
  });
  // A missing key is reported by every call through link(); it must not end the process by itself.
  opening.catch((thrown: unknown) => log.error({ reason: errorMessage(thrown) }, 'the bus cannot be joined'));

  async function followStatus({ connection }: Link): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        connectedSince = null;
        log.warn('the bus is away');
      }
      if (status.type === 'reconnect') {
        connectedSince = performance.now();
        generation += 1;
        metrics.reconnects.inc();
        log.info('the bus is back');
        for (const listener of reconnected) listener();
      }
      if (status.type === 'error') log.warn({ reason: errorMessage(status.error) }, 'the bus reported an error');
    }
  }

  async function link(waitMs = patienceMs): Promise<Link> {
    if (current) return current;
    const waiting = new AbortController();
    try {
      const opened = await Promise.race([opening, wait(waitMs, AbortSignal.any([waiting.signal, closing.signal]))]);
      if (opened && typeof opened === 'object') return opened;
    } finally {
      waiting.abort();
    }
    throw new RetryableError('BUS_UNAVAILABLE', `the bus at ${options.url} does not answer; is the stack running?`);
  }

  async function publish(
    subject: EventSubject | CommandSubject,
    data: unknown,
    { id = ulid(), service, ...context }: NonNullable<Parameters<Bus['publish']>[2]> = {},
  ): Promise<void> {
    const contract = subjects[subject];
    const event: CloudEvent = {
      specversion: '1.0',
      id,
      source: `${identity}/${instance}`,
      type: `${subject}.v1`,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      kedgenode: node,
      ...(service === undefined ? {} : { subject: service }),
      ...Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined)),
      data,
    };
    encodeStrictly(contract.data, data, subject);
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    if (contract.kind === 'event' && !contract.stored) return (await link()).connection.publish(subject, bytes);
    await publishStored(subject, bytes, id);
    metrics.published.inc({ subject });
  }

  /** Nothing is buffered by the client while it is disconnected, so a refused attempt is repeated with the same message id. */
  async function publishStored(subject: string, bytes: Uint8Array, msgID: string): Promise<void> {
    for (const waitMs of [...publishWaitsMs, null]) {
      try {
        await (await link()).jetstream.publish(subject, bytes, { msgID });
        return;
      } catch (thrown) {
        const error = busError(thrown, `publishing ${subject}`);
        if (waitMs === null || error instanceof TerminalError) throw error;
        if (!(await wait(waitMs, closing.signal))) throw error;
      }
    }
  }

  /** Subscribes now or as soon as there is a connection; the client restores subscriptions after a reconnect. */
  function subscribe(subject: string, callback: (message: Msg) => void, queue?: string): Closable {
    let subscription: Subscription | null = null;
    let closed = false;
    const start = ({ connection }: Link) => {
      if (closed) return;
      subscription = connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error) log.error({ subject, reason: error.message }, 'subscription failed');
          else callback(message);
        },
      });
    };
    if (current) start(current);
    else opening.then((opened) => opened && start(opened)).catch(() => undefined satisfies undefined);
    return {
      async close() {
        closed = true;
        subscription?.unsubscribe();
      },
    };
  }

  function receive<Name extends Subject>(subject: Name, bytes: Uint8Array): CloudEvent<DataOf<Name>> | null {
    const parsed = decodeEvent(subject, bytes);
    if (parsed.ok) return parsed.value;
    metrics.rejected.inc({ subject });
    log.warn({ subject, reason: parsed.reason }, 'event rejected');
    return null;
  }

  function follow(names: readonly Subject[], listener: (event: CloudEvent) => void): Closable {
    const open = names.map((subject) =>
      subscribe(subject, ({ data }) => {
        const event = receive(subject, data);
        if (event) listener(event);
      }),
    );
    return {
      async close() {
        await Promise.all(open.map((each) => each.close()));
      },
    };
  }

  async function respond<Name extends RequestSubject>(
    subject: Name,
    message: Msg,
    answer: (data: DataOf<Name>) => Promise<ReplyOf<Name>>,
  ): Promise<void> {
    const contract = subjects[subject];
    try {
      const asked = decodeTolerantly(contract.data, message.data);
      if (!asked.ok) {
        metrics.rejected.inc({ subject });
        throw new TerminalError('REQUEST_INVALID', `the request does not fit its contract: ${asked.reason}`);
      }
      const reply = await answer(asked.value as DataOf<Name>);
      message.respond(encodeStrictly(contract.reply, reply, `the answer to ${subject}`));
    } catch (thrown) {
      const head = headers();
      head.set(errorCodeHeader, errorCode(thrown));
      log.warn({ subject, code: errorCode(thrown), reason: errorMessage(thrown) }, 'request refused');
      message.respond(JSON.stringify({ message: errorMessage(thrown), retryable: thrown instanceof RetryableError }), { headers: head });
    }
  }

  async function request<Name extends RequestSubject>(
    subject: Name,
    data: DataOf<Name>,
    { timeoutMs = 5_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<ReplyOf<Name>> {
    const contract = subjects[subject];
    const bytes = encodeStrictly(contract.data, data, subject);
    const { connection } = await link();
    const message = await connection.request(subject, bytes, { timeout: timeoutMs }).catch((cause: unknown) => {
      throw new RetryableError('REQUEST_UNANSWERED', `${contract.owner} did not answer ${subject}: ${errorMessage(cause)}`, { cause });
    });
    const code = message.headers?.get(errorCodeHeader) ?? '';
    if (code !== '') throw remoteError(code, message);
    const reply = decodeTolerantly(contract.reply, message.data);
    if (!reply.ok) throw new RetryableError('REPLY_INVALID', `the answer to ${subject} does not fit its contract: ${reply.reason}`);
    return reply.value as ReplyOf<Name>;
  }

  return {
    identity,
    instance,
    node,
    connected: async (waitMs) => void (await link(waitMs)),
    isConnected: () => connectedSince !== null,
    connectedForMs: () => (connectedSince === null ? 0 : performance.now() - connectedSince),
    onReconnect: (listener) => void reconnected.push(listener),
    bucket: <Schema extends z.ZodType>(name: Parameters<Bus['bucket']>[0], schema: Schema) =>
      openBucket({ name, schema, link, generation: () => generation, metrics, log }),
    publish: async (subject, data, context) => await publish(subject, data, context),
    wake(subject, listener) {
      subscribe(subject, ({ data }) => {
        const event = receive(subject, data);
        if (event) listener(event);
      });
    },
    consume: async (durable, handle) =>
      consumeCommands({ link, durable, node, metrics, log, handle: handle as Parameters<typeof consumeCommands>[0]['handle'] }),
    request,
    serve(subject, answer) {
      subscribe(subject, (message) => void respond(subject, message, answer), subjects[subject].owner);
    },
    follow,
    async close() {
      closing.abort();
      connectedSince = null;
      const opened = await opening.catch(() => null);
      if (opened && !opened.connection.isClosed()) await opened.connection.drain();
    },
  };
}

function remoteError(code: string, message: Msg): Error {
  const body = message.json<{ readonly message?: string; readonly retryable?: boolean }>();
  const text = body.message ?? 'the request was refused';
  return body.retryable === true ? new RetryableError(code, text) : new TerminalError(code, text);
}
