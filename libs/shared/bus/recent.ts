import type { Logger } from 'pino';
import { type CloudEvent, eventStream, type Subject } from '../contracts/index.ts';
import type { Bus } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { decodeEvent } from './codec.ts';
import type { Connection } from './connection.ts';
import { readDirect, type StoredMessage } from './direct-read.ts';
import { busError } from './link.ts';

interface RecentOptions {
  readonly during: Connection['during'];
  readonly metrics: BusMetrics;
  readonly log: Logger;
}

type Start = { readonly start_time: Date } | { readonly seq: number };

/** How many messages the server sends at a time: more than a few hundred would wait in memory on a slow line. */
const pageSize = 500;

/** Of more than these only the newest are kept: a week of a busy stack would not fit into the memory of whoever asks. */
const mostEvents = 50_000;

/** Takes from the front of `items` what is too much. */
export function keepNewest(items: unknown[], most: number): void {
  if (items.length > most) items.splice(0, items.length - most);
}

/** Reads the stream of events with direct gets: no consumer is made, so nothing is left behind. */
export function createRecent({ during, metrics, log }: RecentOptions): Bus['recent'] {
  return async function recent({ since, subjects }) {
    const wanted = new Map<string, Subject>(subjects.map((subject) => [subject, subject]));
    const events: CloudEvent[] = [];
    let start: Start | null = { start_time: since };
    while (start) {
      const page: readonly StoredMessage[] = await readPage(start);
      for (const message of page) {
        const subject = wanted.get(message.subject);
        const event = subject && parse(subject, message);
        if (event) events.push(event);
      }
      keepNewest(events, mostEvents);
      const last = page.at(-1);
      // Not the size of the page: the server also ends one that grows too heavy.
      start = last && last.pending > 0 ? { seq: last.seq + 1 } : null;
    }
    return events;
  };

  function parse(subject: Subject, { data, seq }: StoredMessage): CloudEvent | null {
    const parsed = decodeEvent(subject, data);
    if (parsed.ok) return parsed.value;
    metrics.rejected.inc({ subject });
    log.warn({ subject, sequence: seq, reason: parsed.reason }, 'stored event rejected');
    return null;
  }

  async function readPage(start: Start): Promise<readonly StoredMessage[]> {
    try {
      return await during(
        async ({ manager }) => await readDirect(manager, { kind: 'batch', stream: eventStream, ...start, batch: pageSize }),
      );
    } catch (thrown) {
      throw busError(thrown, `reading ${eventStream}`);
    }
  }
}
