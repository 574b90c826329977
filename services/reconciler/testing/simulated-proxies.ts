import type { Bucket } from '@kedge/shared/bus';
import { type CloudEvent, NodeName, type ProxyRecord, ServiceName, serviceKey, type Target } from '@kedge/shared/contracts';
import type { Clock } from '../ports.ts';
import type { Stores } from '../stores.ts';

export const node = NodeName.parse('sim');
export const web = ServiceName.parse('web');

/** A proxy that looks at the table only when it is told of a change, applies it late and has requests that take their time. */
export interface SimulatedProxy {
  readonly instance: string;
  readonly applyAfterMs: number;
  readonly requestsLastMs: number;
  /** Silent from the beginning: it died without a goodbye. */
  readonly isDead?: boolean;
}

interface ProxyOptions {
  readonly stores: Stores;
  readonly proxies: readonly SimulatedProxy[];
  readonly clock: Clock;
  /** All that was said. */
  readonly events: readonly CloudEvent[];
  /** After this long a draining target may be stopped with requests open. */
  readonly boundMs: number;
}

export interface SimulatedProxies {
  /** Lets every proxy read the table it was told of, apply it when it is due, end requests and write its record. */
  live(): Promise<void>;
  /** True while a proxy that lives has requests open on the container, and the bound has not passed since it was told. */
  isBusy(container: string): boolean;
  /** The container ended by itself, and with it every connection to it. */
  cut(container: string): void;
}

/** What a proxy applied, and the event that told it. */
interface AppliedTable {
  readonly because: string;
  readonly revision: string;
  readonly targets: readonly Target[];
}

export function createSimulatedProxies({ stores, proxies, clock, events, boundMs }: ProxyOptions): SimulatedProxies {
  /** Until when each proxy has a request open on each container; infinite while new ones arrive. */
  const openUntil = new Map<string, number>();
  const drainingSince = new Map<string, number>();
  /** Where a proxy found nobody; it tries there again when it has another table. */
  const refused = new Map<string, string>();
  const tables = new Map<string, AppliedTable>();

  /** The last change that was told and is older than `delayMs`. */
  function told(delayMs: number): CloudEvent | undefined {
    const now = clock.now().getTime();
    return events.findLast(
      ({ type, subject, time }) => type === 'routes.changed.v1' && subject === web && Date.parse(time) + delayMs <= now,
    );
  }

  async function live(): Promise<void> {
    const now = clock.now().getTime();
    const entry = await stores.endpoints.get(serviceKey(node, web));
    const news = told(0);
    const isTold = entry?.value.owes === undefined || news?.id === `routes.changed/${entry.key}/${entry.revision}`;
    for (const { id, state } of entry?.value.targets ?? []) {
      if (state === 'ready') drainingSince.delete(id);
      else if (isTold && news && !drainingSince.has(id)) drainingSince.set(id, Date.parse(news.time));
    }
    for (const proxy of proxies) {
      const key = `${node}.${proxy.instance}`;
      const before = (await stores.proxies.get(key))?.value;
      if (proxy.isDead && before) continue;
      const because = told(proxy.applyAfterMs)?.id;
      if (entry && because !== undefined && tables.get(key)?.because !== because) {
        const revision = await stores.endpoints.globalRevision(entry.revision);
        tables.set(key, { because, revision, targets: entry.value.targets });
      }
      const table = tables.get(key);
      const applied = table ? { [web]: table.revision } : {};
      const open = table ? requestsOf(proxy, table, now) : {};
      const heartbeatAt = clock.now().toISOString();
      const beats = (before?.beats ?? 0) + 1;
      const startedAt = before?.startedAt ?? heartbeatAt;
      await put(stores.proxies, key, {
        node,
        instance: proxy.instance,
        container: null,
        startedAt,
        heartbeatAt,
        beats,
        goodbye: false,
        applied,
        open,
      });
    }
  }

  function requestsOf({ instance, requestsLastMs }: SimulatedProxy, { because, targets }: AppliedTable, now: number): ProxyRecord['open'] {
    const open: ProxyRecord['open'] = {};
    for (const { id, state } of targets) {
      const key = `${instance}/${id}`;
      if (state === 'ready' && refused.get(key) !== because) openUntil.set(key, Number.POSITIVE_INFINITY);
      if (state !== 'draining') continue;
      if (openUntil.get(key) === Number.POSITIVE_INFINITY) openUntil.set(key, now + requestsLastMs);
      open[id] = (openUntil.get(key) ?? 0) > now ? 1 : 0;
    }
    return open;
  }

  return {
    live,
    cut(container) {
      for (const { instance } of proxies) {
        openUntil.delete(`${instance}/${container}`);
        refused.set(`${instance}/${container}`, tables.get(`${node}.${instance}`)?.because ?? '');
      }
    },
    isBusy(container) {
      const now = clock.now().getTime();
      if (now >= (drainingSince.get(container) ?? Number.POSITIVE_INFINITY) + boundMs) return false;
      return proxies.some(({ instance, isDead }) => !isDead && (openUntil.get(`${instance}/${container}`) ?? 0) > now);
    },
  };
}

/** Writes a value over whatever is there, as its only writer may. */
export async function put<Value>(bucket: Bucket<Value>, key: string, value: Value): Promise<void> {
  const before = await bucket.get(key);
  await (before ? bucket.update(key, value, before.revision) : bucket.create(key, value));
}
