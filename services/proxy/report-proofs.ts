import { type Bucket, type Bus, type Entry, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
import {
  HandoverRequested,
  type OwedEvent,
  ProxyRecord,
  type Revision,
  RoutesApplied,
  type ServiceName,
  TargetDrained,
} from '@kedge/shared/contracts';
import { type Closable, errorMessage, startPeriodic, wait } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { planReport, type Report } from './core/plan-report.ts';
import { isStaleRecord } from './core/stale-records.ts';
import type { RouteFollower } from './follow-routes.ts';

interface ReportPorts {
  readonly bus: Bus;
  readonly follower: Pick<RouteFollower, 'known' | 'leaving' | 'forget'>;
  readonly openOf: (target: string) => number;
  readonly container: string | null;
  readonly log: Logger;
  readonly heartbeatMs?: number;
}

/** Writes this proxy's record: its heartbeat, and the proofs that a rollout waits for. Closing it says goodbye. */
export interface Reporter extends Closable {
  start(): void;
  /** Something that the record says has changed: write it now. */
  wake(): void;
  /** From now on the record says that this proxy was asked to end. */
  leave(): void;
}

const standardHeartbeatMs = 5_000;
const goodbyeWithinMs = 800;
const pruneEveryBeats = 60;

/** Writes nothing before `start`. A write that fails is made good by the next beat, which comes after `heartbeatMs`. */
export function createReporter({ bus, follower, openOf, container, log, heartbeatMs = standardHeartbeatMs }: ReportPorts): Reporter {
  const records = bus.bucket('proxies', ProxyRecord);
  const key = `${bus.node}.${bus.instance}`;
  const startedAt = new Date().toISOString();
  const told = { applied: new Map<ServiceName, Revision>(), drained: new Set<string>() };
  let own: Entry<ProxyRecord> | null | undefined;
  let beats = 0;
  let leaving = false;
  let handoverRequested = false;
  let loop: (Closable & { wake(): void }) | null = null;

  async function round(): Promise<void> {
    if (!bus.isConnected()) return; // the next beat or the reconnect tries again
    await write(false);
    if (beats % pruneEveryBeats === 1) await prune(records, key);
  }

  async function write(goodbye: boolean): Promise<void> {
    if (own === undefined) own = await adopt();
    const now = new Date();
    const report = planReport({ known: follower.known(), leaving: follower.leaving(), openOf, told });
    beats += 1;
    const record: ProxyRecord = {
      node: bus.node,
      instance: bus.instance,
      container,
      startedAt,
      heartbeatAt: now.toISOString(),
      beats,
      goodbye,
      applied: { ...report.applied },
      open: { ...report.open },
      ...(leaving ? { leaving } : {}),
    };
    const owes = [...owedEvents(report, now), ...owedHandover(now)];
    const before = own;
    own = undefined; // until the outcome is known: whatever fails, the next round reads what the store holds
    const written = await writeThenSay({
      bus,
      bucket: records,
      key,
      previous: before,
      value: owes.length > 0 ? { ...record, owes } : record,
    });
    if (written === null) {
      log.warn({ key }, 'somebody else wrote the record of this proxy; do two proxies share a name (KEDGE_INSTANCE)?');
      loop?.wake();
      return;
    }
    own = written;
    remember(report);
    handoverRequested ||= record.leaving === true;
  }

  function owedHandover(now: Date): OwedEvent[] {
    if (!leaving || handoverRequested) return [];
    return [owe('handover.requested', HandoverRequested.parse({ instance: bus.instance }), { now })];
  }

  /** Takes over the record that the store holds: of an earlier life, or of a write whose outcome was lost. What it owes is said. */
  async function adopt(): Promise<Entry<ProxyRecord> | null> {
    const found = await records.get(key);
    if (!found) return null;
    beats = Math.max(beats, found.value.beats);
    const known = follower.known();
    for (const [service, revision] of Object.entries(found.value.applied)) {
      const current = known?.services.get(service as ServiceName);
      if (current?.revision === revision) told.applied.set(current.entry.service, current.contentRevision);
    }
    for (const [target, open] of Object.entries(found.value.open)) if (open === 0) told.drained.add(target);
    return await sayOwed({ bus, bucket: records, entry: found });
  }

  function owedEvents({ newlyApplied, newlyDrained }: Report, now: Date): OwedEvent[] {
    const { instance } = bus;
    return [
      ...newlyApplied.map(({ service, revision }) =>
        owe('routes.applied', RoutesApplied.parse({ instance, service, revision }), { service, now }),
      ),
      ...newlyDrained.map(({ id, service, revision }) =>
        owe('target.drained', TargetDrained.parse({ instance, service, target: id, revision }), { service, now }),
      ),
    ];
  }

  function remember({ newlyApplied, newlyDrained, applied }: Report): void {
    for (const { service, contentRevision } of newlyApplied) told.applied.set(service, contentRevision);
    for (const service of told.applied.keys()) if (!(service in applied)) told.applied.delete(service);
    for (const { id } of newlyDrained) told.drained.add(id);
    const leaving = follower.leaving();
    follower.forget(new Set(leaving.filter(({ id, listed }) => !listed && told.drained.has(id)).map(({ id }) => id)));
    const still = new Set(follower.leaving().map(({ id }) => id));
    for (const id of told.drained) if (!still.has(id)) told.drained.delete(id);
  }

  async function sayGoodbye(): Promise<void> {
    if (!bus.isConnected()) return;
    try {
      await write(true);
      // Somebody wrote in between: once more, on what the store holds now.
      if (own === undefined) await write(true);
    } catch (thrown) {
      log.warn({ reason: errorMessage(thrown) }, 'goodbye could not be said');
    }
  }

  return {
    start() {
      loop = startPeriodic({
        everyMs: heartbeatMs,
        work: round,
        onError: (thrown) => log.warn({ reason: errorMessage(thrown) }, 'the record of this proxy could not be written'),
      });
    },
    wake: () => loop?.wake(),
    leave() {
      leaving = true;
      loop?.wake();
    },
    async close() {
      await loop?.close();
      await Promise.race([sayGoodbye(), wait(goodbyeWithinMs, new AbortController().signal)]);
    },
  };
}

/** Removes records of proxies that are long gone; their names (container ids) never come back. */
async function prune(records: Bucket<ProxyRecord>, own: string): Promise<void> {
  const now = new Date();
  for (const { key, value, revision } of (await records.readEverything()).values()) {
    if (key !== own && isStaleRecord(value, now)) await records.delete(key, revision);
  }
}
