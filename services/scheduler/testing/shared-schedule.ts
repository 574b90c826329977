import type { Entry } from '@kedge/shared/bus';
import type { OwedEvent, ScheduleEntry, ServiceName } from '@kedge/shared/contracts';
import type { Schedule } from '../ports.ts';

/** A schedule in memory that keeps the bus's promises: compare-and-set, debts, and events that are stored once by their id. */
export class SharedSchedule {
  /** What was said, by id, in order. */
  readonly said = new Map<string, OwedEvent>();
  readonly #entries = new Map<ServiceName, Entry<ScheduleEntry>>();
  #sequence = 0;

  /** The view of one scheduler. `dies` says whether it dies between writing and saying; `meanwhile` happens between its reading and its saying. */
  view(dies: () => boolean = () => false, meanwhile = async (): Promise<void> => undefined): Schedule {
    return {
      read: async (service) => this.entry(service),
      services: async () => [...this.#entries.keys()],
      write: async (previous, value) => {
        if ((previous?.revision ?? 0) !== (this.entry(value.service)?.revision ?? 0)) return null;
        const entry = this.#store(value);
        if (dies()) throw new Error('killed between writing and saying');
        return this.#say(entry);
      },
      sayOwed: async (entry) => {
        await meanwhile();
        return this.#say(entry);
      },
      remove: async ({ value, revision }) => {
        if (this.entry(value.service)?.revision === revision) this.#entries.delete(value.service);
      },
    };
  }

  entry(service: ServiceName): Entry<ScheduleEntry> | null {
    return this.#entries.get(service) ?? null;
  }

  #store(value: ScheduleEntry): Entry<ScheduleEntry> {
    this.#sequence += 1;
    const entry = { key: `local.${value.service}`, value, revision: this.#sequence, writtenAt: new Date() };
    this.#entries.set(value.service, entry);
    return entry;
  }

  #say(entry: Entry<ScheduleEntry>): Entry<ScheduleEntry> {
    const { owes = [], ...paid } = entry.value;
    for (const [index, event] of owes.entries()) {
      const id = `${event.subject}/${entry.key}/${entry.revision}${index === 0 ? '' : `/${index}`}`;
      if (!this.said.has(id)) this.said.set(id, event);
    }
    if (owes.length === 0 || this.entry(entry.value.service)?.revision !== entry.revision) return this.entry(entry.value.service) ?? entry;
    return this.#store(paid);
  }
}
