import type { Bus } from '@kedge/shared/bus';
import { type CloudEvent, entriesOf, subjects } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';

/** Everything that was said about some services since the recording began. */
export interface Recording {
  readonly all: readonly CloudEvent[];
  of(subject: string, service?: string): readonly CloudEvent[];
  /** Waits until `count` such events were heard; resolves to the last of them. */
  heard(subject: string, service: string, options?: { readonly count?: number; readonly timeoutMs?: number }): Promise<CloudEvent>;
}

/** Records every event that people may hear. */
export function record(bus: Bus): Recording {
  const all: CloudEvent[] = [];
  const events = entriesOf(subjects).flatMap(([subject, { kind }]) => (kind === 'event' ? [subject] : []));
  bus.follow(events, (event) => all.push(event));
  const of = (subject: string, service?: string) =>
    all.filter((event) => event.type === `${subject}.v1` && (service === undefined || event.subject === service));
  return {
    all,
    of,
    heard: async (subject, service, { count = 1, timeoutMs = 60_000 } = {}) =>
      await waitUntil(
        () => {
          const found = of(subject, service);
          return found.length >= count ? found.at(-1) : null;
        },
        { timeoutMs, what: `${subject} of ${service} (${count})` },
      ),
  };
}
