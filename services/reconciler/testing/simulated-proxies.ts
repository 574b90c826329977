import type { Bucket } from '@kedge/shared/bus';
import { NodeName, type ProxyRecord, ServiceName, serviceKey } from '@kedge/shared/contracts';
import type { Clock } from '../ports.ts';
import type { Stores } from '../stores.ts';

export const node = NodeName.parse('sim');
export const web = ServiceName.parse('web');

/** A proxy that applies tables late and has requests that take their time. */
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
  /** After this long a draining target may be stopped with requests open. */
  readonly boundMs: number;
}

export interface SimulatedProxies {
  /** Lets every proxy read the table, apply it when it is due, end requests and write its record. */
  live(): Promise<void>;
  /** True while a proxy that lives has requests open on the container, and the bound has not passed. */
  isBusy(container: string): boolean;
}

export function createSimulatedProxies({ stores, proxies, clock, boundMs }: ProxyOptions): SimulatedProxies {
  /** Until when each proxy has a request open on each container; infinite while new ones arrive. */
  const openUntil = new Map<string, number>();
  const drainingSince = new Map<string, number>();

  async function live(): Promise<void> {
    const now = clock.now().getTime();
    const entry = await stores.endpoints.get(serviceKey(node, web));
    for (const { id, state } of entry?.value.targets ?? []) {
      if (state === 'ready') drainingSince.delete(id);
      else if (!drainingSince.has(id)) drainingSince.set(id, entry?.writtenAt.getTime() ?? now);
    }
    for (const proxy of proxies) {
      const key = `${node}.${proxy.instance}`;
      const before = (await stores.proxies.get(key))?.value;
      if (proxy.isDead && before) continue;
      const isDue = entry !== null && now >= entry.writtenAt.getTime() + proxy.applyAfterMs;
      const applied = isDue ? { [web]: await stores.endpoints.globalRevision(entry.revision) } : (before?.applied ?? {});
      const open = isDue ? requestsOf(proxy, entry.value.targets, now) : (before?.open ?? {});
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

  function requestsOf(
    { instance, requestsLastMs }: SimulatedProxy,
    targets: readonly { readonly id: string; readonly state: string }[],
    now: number,
  ): ProxyRecord['open'] {
    const open: ProxyRecord['open'] = {};
    for (const { id, state } of targets) {
      const key = `${instance}/${id}`;
      if (state === 'ready') openUntil.set(key, Number.POSITIVE_INFINITY);
      if (state !== 'draining') continue;
      if (openUntil.get(key) === Number.POSITIVE_INFINITY) openUntil.set(key, now + requestsLastMs);
      open[id] = (openUntil.get(key) ?? 0) > now ? 1 : 0;
    }
    return open;
  }

  return {
    live,
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
