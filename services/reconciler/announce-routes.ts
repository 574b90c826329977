import type { Bus, Entry } from '@kedge/shared/bus';
import { type EndpointsEntry, type OwedEvent, RoutesChanged, type ServiceName, splitRoutes } from '@kedge/shared/contracts';
import { tableOf } from './core/endpoints.ts';
import type { RouteTable } from './core/step.ts';
import type { Memory } from './memory.ts';
import type { Clock } from './ports.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

/** What an entry owes about itself. The revision is not in it: only the write that makes the debt gives the entry its revision. */
const RoutesDebt = RoutesChanged.omit({ revision: true });

interface AnnouncerPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly memory: Memory;
  /** The proxies were told of the table of a service. */
  readonly onSaid?: (service: ServiceName) => void;
}

interface Saying {
  readonly service: ServiceName;
  readonly key: string;
  readonly revision: number;
  readonly owed: OwedEvent;
}

interface RoutesSlot {
  readonly service: ServiceName;
  readonly key: string;
  readonly endpoints: Entry<EndpointsEntry> | null;
}

interface Routes {
  readonly table: RouteTable;
  /** The rollout that it changes for. */
  readonly rollout: string | undefined;
}

/** The entry of `endpoints` of a service, and what proxies are told of it. Rejects with WORLD_MOVED when somebody else wrote first. */
export interface RouteAnnouncer {
  /** Writes the table and wakes the proxies. */
  write(slot: RoutesSlot, routes: Routes): Promise<void>;
  /** Requests are held no more: nobody comes for them. False when they were not. */
  release(slot: RoutesSlot): Promise<boolean>;
  /** Takes the entry away. */
  drop(slot: RoutesSlot): Promise<void>;
  /** Says what the entry still owes; with `settled` the debt is struck out as well. */
  heal(slot: RoutesSlot, settled: boolean): Promise<void>;
  /**
   * Since when the proxies may know the table, in milliseconds since the epoch: a process that died before it said the change, however
   * long ago, gave them no time to apply it. Null without a table.
   */
  knownSince(slot: RoutesSlot): number | null;
}

/**
 * `routes.changed` names the revision at which the table changed, and the entry owes it until it was said: the revision is added when it
 * is said, with the id `routes.changed/<key>/<revision>`, so that a repetition after a crash is the same event. Striking the debt out is
 * a write too and gives the entry another revision, for which the proxies would have to be asked again; so it happens only when nobody
 * waits for their proof. Until then this process remembers what it has said.
 */
export function createRouteAnnouncer({ bus, stores, clock, memory, onSaid }: AnnouncerPorts): RouteAnnouncer {
  const saidAt = new Map<string, number>();

  async function say({ service, key, revision, owed }: Saying): Promise<void> {
    const global = await stores.endpoints.globalRevision(revision);
    const { subject: _subject, time: _time, service: _service, data, ...context } = owed;
    await bus.publish(
      'routes.changed',
      { ...RoutesDebt.parse(data), revision: global },
      { ...context, service, id: `routes.changed/${key}/${revision}` },
    );
    memory.announced.set(key, revision);
    saidAt.set(key, clock.now().getTime());
    onSaid?.(service);
  }

  async function write({ service, key, endpoints }: RoutesSlot, { table, rollout }: Routes): Promise<void> {
    const owed: OwedEvent = {
      subject: 'routes.changed',
      time: clock.now().toISOString(),
      service,
      ...(rollout === undefined ? {} : { correlationid: rollout }),
      data: { ready: count(table, 'ready'), draining: count(table, 'draining') },
    };
    const entry: EndpointsEntry = {
      node: bus.node,
      service,
      ...splitRoutes(table.routes),
      targets: [...table.targets],
      ...(table.ports && table.ports.length > 0 ? { ports: [...table.ports] } : {}),
      ...(table.balancing ? { balancing: table.balancing } : {}),
      ...(table.hold ? { hold: true } : {}),
      ...(rollout === undefined ? {} : { rollout }),
      owes: [owed],
    };
    const revision = endpoints ? await stores.endpoints.update(key, entry, endpoints.revision) : await stores.endpoints.create(key, entry);
    if (revision === null) throw worldMoved(key);
    await say({ service, key, revision, owed });
  }

  return {
    write,
    async release(slot) {
      const entry = slot.endpoints?.value;
      if (!entry?.hold) return false;
      await write(slot, { table: { ...tableOf(entry), hold: false }, rollout: entry.rollout });
      return true;
    },
    async drop({ key, endpoints }) {
      if (endpoints && !(await stores.endpoints.delete(key, endpoints.revision))) throw worldMoved(key);
      memory.announced.delete(key);
      saidAt.delete(key);
    },
    async heal({ service, key, endpoints }, settled) {
      const owed = endpoints?.value.owes?.[0];
      if (!endpoints || !owed) return;
      if (memory.announced.get(key) !== endpoints.revision) await say({ service, key, revision: endpoints.revision, owed });
      if (!settled) return;
      const { owes: _said, ...paid } = endpoints.value;
      await stores.endpoints.update(key, paid, endpoints.revision);
    },
    knownSince: ({ key, endpoints }) => endpoints && Math.max(endpoints.writtenAt.getTime(), saidAt.get(key) ?? 0),
  };
}

function count({ targets }: RouteTable, state: 'ready' | 'draining'): number {
  return targets.filter((target) => target.state === state).length;
}
