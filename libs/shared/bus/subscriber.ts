import type { Msg } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { CloudEvent, DataOf, Subject } from '../contracts/index.ts';
import type { Closable } from '../kernel/index.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { decodeEvent } from './codec.ts';

/** As much of a message as is looked at. */
type Heard = Pick<Msg, 'data' | 'respond'>;

/** How a subject is subscribed to. */
export interface Subscribing {
  readonly queue?: string;
  readonly callback: (error: Error | null, message: Heard) => void;
}

interface Subscription {
  unsubscribe(): void;
}

/** As much of a link as subscribing needs. */
interface SubscribingLink {
  readonly connection: {
    subscribe(subject: string, options: Subscribing): Subscription;
  };
}

interface SubscriberOptions {
  readonly connection: { whenOpen(listener: (link: SubscribingLink) => void): void };
  readonly metrics: BusMetrics;
  readonly log: Logger;
}

/** Core subscriptions: what is heard is checked; what does not fit is counted, logged and dropped. */
export function createSubscriber({ connection, metrics, log }: SubscriberOptions) {
  function subscribe(subject: string, callback: (message: Heard) => void, queue?: string): Closable {
    let subscription: Subscription | null = null;
    let closed = false;
    connection.whenOpen((link) => {
      if (closed) return;
      subscription = link.connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error) log.error({ subject, reason: error.message }, 'subscription failed');
          else callback(message);
        },
      });
    });
    return {
      async close() {
        closed = true;
        subscription?.unsubscribe();
      },
    };
  }

  function follow<Name extends Subject>(names: readonly Name[], listener: (event: CloudEvent<DataOf<Name>>) => void): Closable {
    const open = names.map((subject) =>
      subscribe(subject, ({ data }) => {
        const parsed = decodeEvent(subject, data);
        if (parsed.ok) return listener(parsed.value);
        metrics.rejected.inc({ subject });
        log.warn({ subject, reason: parsed.reason }, 'event rejected');
      }),
    );
    return {
      async close() {
        await Promise.all(open.map((each) => each.close()));
      },
    };
  }

  return { subscribe, follow };
}
