import { type Closable, errorMessage, sameJson, startPeriodic } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { adoptEndpoints, type KnownEndpoints } from './core/adopt-endpoints.ts';
import { type LeavingTarget, leavingTargets } from './core/plan-report.ts';
import { describeConflict, type RouteTable } from './core/route-table.ts';
import type { EndpointsSnapshot, EndpointsSource } from './ports.ts';
import type { Routes } from './routes.ts';

interface FollowPorts {
  readonly source: EndpointsSource;
  readonly snapshot: EndpointsSnapshot;
  readonly routes: Routes;
  /** Takes a while, in which no request is answered: asked for only where something may have changed. */
  readonly buildTable: (known: KnownEndpoints) => RouteTable;
  /** False: nobody is redirected, also where the settings say `https-only`. */
  readonly servesHttps: boolean;
  /** Between two looks that nothing asked for, in milliseconds. Default 30 s. */
  readonly everyMs?: number;
  /** Before looks that are due sooner than that. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
  readonly log: Logger;
  /** Called after each pass that read the store, and after the snapshot was adopted. */
  readonly onRead: () => void;
  /** Called after each pass that came to its end. */
  readonly passed: () => void;
}

/** Keeps the routes what the store says. */
export interface RouteFollower extends Closable {
  /** Serves what was saved last, until the store answers. Resolves to whether there was something. */
  restore(): Promise<boolean>;
  /** Begins to read the store: now, every so often, and when woken. */
  start(): void;
  /** Something may have changed: read now. */
  wake(): void;
  known(): KnownEndpoints | null;
  /** Targets that get no new requests any more. */
  leaving(): readonly LeavingTarget[];
  /** Lets go of targets that are gone for good. */
  forget(gone: ReadonlySet<string>): void;
}

const usuallyEveryMs = 30_000;
/** After a read that failed: the store is away, and the first connection to it wakes nobody. */
const againMs = 1_000;
/** An entry that still owes its event is written once more right after: these are the looks that wait for it. */
const settlingLooksMs: readonly number[] = [50, 100, 250, 500, 1_000, 2_000, 5_000];
/** How long services of a lost store are served without being declared anew. */
const orphansKeptMs = 300_000;

/** Reads nothing before `restore` or `start`. A pass that fails leaves the routes in force, and is repeated after a second. */
export function createRouteFollower(ports: FollowPorts): RouteFollower {
  const { source, snapshot, routes, buildTable, servesHttps, everyMs = usuallyEveryMs, pause, log, onRead, passed } = ports;
  const closing = new AbortController();
  const warnedHosts = new Set<string>();
  let shownConflicts: ReadonlySet<string> = new Set();
  let shownClosed: ReadonlySet<string> = new Set();
  let known: KnownEndpoints | null = null;
  let leaving: readonly LeavingTarget[] = [];
  let lastObserved: object | null = null;
  let orphansSince: number | null = null;
  let settlingLooks = 0;
  /** Why they cannot be read. */
  let trouble: string | null = null;
  let unsaved = false;
  let loop: (Closable & { wake(): void }) | null = null;

  async function pass(): Promise<void> {
    const observed = await source.read();
    const isSame = observed === lastObserved;
    lastObserved = observed;
    if (trouble !== null) log.info('the routes can be read again');
    trouble = null;
    if (isSame && !unsaved) {
      passed();
      return;
    }
    const orphansExpired = orphansSince !== null && performance.now() - orphansSince > orphansKeptMs;
    const { next, changed: adopted, moved, orphans } = adoptEndpoints({ known, observed, orphansExpired });
    if (orphans.length === 0) orphansSince = null;
    else if (orphansSince === null) {
      orphansSince = performance.now();
      log.warn({ services: orphans }, 'the store was lost; these services are served as before until they are declared anew');
    }
    const table = moved ? buildTable(next) : null;
    // An entry that was only written once more may win a contested place by that.
    const changed = table !== null && (adopted || !sameJson(table.conflicts, routes.current()?.conflicts));
    if (changed) replace(next, table);
    else known = next;
    // Proofs first: a rollout waits for them. The file serves only a restart while the bus is away.
    onRead();
    lookAgainWhileSettling(observed.settling);
    // One that failed is repeated with every pass until it works: the next change may be weeks away.
    if (changed || unsaved) await save(next);
    passed();
  }

  async function save(next: KnownEndpoints): Promise<void> {
    try {
      await snapshot.save(next);
      if (unsaved) log.info('the routes can be saved again');
      unsaved = false;
    } catch (thrown) {
      if (!unsaved) log.warn({ reason: errorMessage(thrown) }, 'the routes could not be saved; it is tried again with the next look');
      unsaved = true;
    }
  }

  function replace(next: KnownEndpoints, table: RouteTable): void {
    leaving = leavingTargets({ before: leaving, known, next });
    known = next;
    routes.replace(table);
    log.info({ services: next.services.size, hosts: table.hosts.size, leaving: leaving.length }, 'routes replaced');
    explain(table);
  }

  function explain(table: RouteTable): void {
    for (const conflict of table.conflicts) {
      if (!shownConflicts.has(describeConflict(conflict))) log.warn(conflict, 'two services claim the same host and path');
    }
    shownConflicts = new Set(table.conflicts.map(describeConflict));
    for (const route of table.closed)
      if (!shownClosed.has(JSON.stringify(route))) log.error(route, 'a route is closed: its rules cannot be read');
    shownClosed = new Set(table.closed.map((route) => JSON.stringify(route)));
    if (table.strategy !== 'https-only' || servesHttps) return;
    for (const host of table.hosts.keys()) {
      if (warnedHosts.has(host)) continue;
      warnedHosts.add(host);
      log.warn({ host }, 'there is no certificate for this host: it is served over plain HTTP');
    }
  }

  function lookAgainWhileSettling(settling: boolean): void {
    const afterMs = settling ? settlingLooksMs[settlingLooks] : undefined;
    settlingLooks = settling ? settlingLooks + 1 : 0;
    if (afterMs !== undefined) lookAgainAfter(afterMs);
  }

  function lookAgainAfter(afterMs: number): void {
    void pause(afterMs, closing.signal).then((due) => {
      if (due) loop?.wake();
    });
  }

  function onError(thrown: unknown): void {
    const reason = errorMessage(thrown);
    if (reason !== trouble) log.warn({ reason }, 'the routes could not be read; the last ones stay in force');
    trouble = reason;
    lookAgainAfter(againMs);
  }

  return {
    async restore() {
      const saved = await snapshot.load();
      if (!saved) return false;
      replace(saved, buildTable(saved));
      onRead();
      return true;
    },
    start() {
      loop = startPeriodic({ everyMs, work: pass, onError });
    },
    wake: () => loop?.wake(),
    known: () => known,
    leaving: () => leaving,
    forget(gone) {
      leaving = leaving.filter(({ id }) => !gone.has(id));
    },
    async close() {
      closing.abort();
      await loop?.close();
    },
  };
}
