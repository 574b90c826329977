import type { EventContext, ProxyRecord, ServiceName } from '@kedge/shared/contracts';
import type { ObservedContainer } from './ports.ts';

/** The containers of a service at a moment of the monotonic clock. */
interface SeenContainers {
  readonly service: ServiceName;
  readonly containers: readonly ObservedContainer[];
  readonly nowMs: number;
}

/**
 * What one process has seen with its own eyes. Losing it is safe: it only makes us wait longer, say an event again with the same id, or
 * tell less about who asked.
 */
export interface Memory {
  /** Notes which containers answer to their service's name now; gives for how long the others have not. */
  watchNames(seen: SeenContainers): ReadonlyMap<string, number>;
  /** Notes a heartbeat count; gives for how long it has not grown. */
  watchProxy(record: ProxyRecord, nowMs: number): number;
  /** Forgets how long proxies were silent: we were deaf. */
  forgetProxies(): void;
  /** The engine's events are heard from now on, without a gap. */
  watchEngine(now: Date): void;
  /** Milliseconds since the epoch; 0: for ever. */
  watchedSince(): number;
  /** Addresses promised to containers that are being made, until a moment of the monotonic clock. */
  readonly promised: Map<string, number>;
  /** Containers that we stop ourselves: their end is no news. */
  readonly stopping: Set<string>;
  /** By service, the name under which the container of a run is started next; gone when that was asked for. */
  readonly taken: Map<ServiceName, string>;
  /** True the first time that this is about to be said for the service; the last few are remembered. */
  isNews(service: ServiceName, id: string): boolean;
  /** Who asked for a deploy that has not happened yet. */
  readonly requests: Map<ServiceName, EventContext>;
  /** The event that last told of something new for a service, until it was looked at. */
  readonly causes: Map<ServiceName, string>;
  /** The service was looked at: who asked for that, and what told of something new, is past. */
  forgetCauses(service: ServiceName): void;
  /** The revision of a service's endpoints that was announced. */
  readonly announced: Map<string, number>;
}

const rememberedNews = 16;

/** Empty, as after each start. */
export function createMemory(): Memory {
  const quietSince = new Map<ServiceName, Map<string, number>>();
  const beats = new Map<string, { readonly beats: number; readonly startedAt: string; readonly atMs: number }>();
  const news = new Map<ServiceName, readonly string[]>();
  const requests: Memory['requests'] = new Map();
  const causes: Memory['causes'] = new Map();
  let watchedSince = 0;
  return {
    watchNames({ service, containers, nowMs }) {
      const before = quietSince.get(service) ?? new Map<string, number>();
      const quiet = containers.filter(({ namedOn, name }) => namedOn.length === 0 && name !== service);
      const since = new Map(quiet.map(({ id }) => [id, before.get(id) ?? nowMs]));
      if (containers.length === 0) quietSince.delete(service);
      else quietSince.set(service, since);
      return new Map([...since].map(([id, sinceMs]) => [id, nowMs - sinceMs]));
    },
    watchProxy({ instance, beats: count, startedAt }, nowMs) {
      const before = beats.get(instance);
      const isSame = before !== undefined && before.beats === count && before.startedAt === startedAt;
      if (!isSame) beats.set(instance, { beats: count, startedAt, atMs: nowMs });
      return isSame ? nowMs - before.atMs : 0;
    },
    forgetProxies() {
      beats.clear();
    },
    watchEngine(now) {
      watchedSince = now.getTime();
    },
    watchedSince: () => watchedSince,
    promised: new Map(),
    stopping: new Set(),
    taken: new Map(),
    isNews(service, id) {
      const said = news.get(service) ?? [];
      news.set(service, [...said.filter((other) => other !== id), id].slice(-rememberedNews));
      return !said.includes(id);
    },
    requests,
    causes,
    forgetCauses(service) {
      requests.delete(service);
      causes.delete(service);
    },
    announced: new Map(),
  };
}
