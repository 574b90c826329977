import type { Logger } from 'pino';
import { ulid } from 'ulid';
import { type CloudEvent, type CommandSubject, type EventContext, type EventSubject, subjects } from '../contracts/index.ts';
import { TerminalError, wait } from '../kernel/index.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { encodeStrictly } from './codec.ts';
import { assertFits } from './limits.ts';
import { busError } from './link.ts';

/** Waits between attempts of one publish, in milliseconds; after the last one the caller is told. */
const waitsMs = [250, 500, 1_000, 2_000, 4_000, 8_000];

/** As much of a link as publishing needs. */
interface PublishingLink {
  readonly jetstream: { publish(subject: string, bytes: Uint8Array, options: { readonly msgID: string }): Promise<unknown> };
  readonly connection: { publish(subject: string, bytes: Uint8Array): void };
}

interface PublisherOptions {
  readonly connection: {
    during<Result>(call: (link: PublishingLink) => Promise<Result>): Promise<Result>;
    link(): Promise<PublishingLink>;
    readonly signal: AbortSignal;
  };
  /** `<component>/<instance>`, the `source` of every event. */
  readonly source: string;
  readonly node: string;
  readonly metrics: BusMetrics;
  readonly log: Logger;
}

/** `id` de-duplicates; a ULID is made where none is given. */
export type PublishContext = EventContext & { readonly id?: string; readonly service?: string };

interface StoredPublish {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly msgID: string;
}

/** Wraps data in a CloudEvent, checks it against the catalogue and puts it into the stream. */
export function createPublisher({ connection, source, node, metrics, log }: PublisherOptions) {
  /** Nothing is buffered by the client while it is disconnected, so a failed attempt is repeated with the same message id. */
  async function store({ subject, bytes, msgID }: StoredPublish): Promise<void> {
    for (const waitMs of [...waitsMs, null]) {
      try {
        await connection.during(async ({ jetstream }) => await jetstream.publish(subject, bytes, { msgID }));
        return;
      } catch (thrown) {
        const error = busError(thrown, `publishing ${subject}`);
        if (waitMs === null || error instanceof TerminalError) throw error;
        if (!(await wait(waitMs, connection.signal))) throw error;
      }
    }
  }

  return async function publish(subject: EventSubject | CommandSubject, data: unknown, context: PublishContext = {}): Promise<void> {
    const { id = ulid(), service, ...extensions } = context;
    const contract = subjects[subject];
    encodeStrictly(data, { schema: contract.data, what: subject });
    const event: CloudEvent = {
      specversion: '1.0',
      id,
      source,
      type: `${subject}.v1`,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      kedgenode: node,
      ...(service === undefined ? {} : { subject: service }),
      ...Object.fromEntries(Object.entries(extensions).filter(([, value]) => value !== undefined)),
      data,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    assertFits(bytes, { what: subject });
    if (contract.kind === 'event' && !contract.stored) return (await connection.link()).connection.publish(subject, bytes);
    await store({ subject, bytes, msgID: id });
    metrics.published.inc({ subject });
    log.info(
      { subject, event: id, service, correlationid: extensions.correlationid, causationid: extensions.causationid },
      'event published',
    );
  };
}
