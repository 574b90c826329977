import { setImmediate as otherWork } from 'node:timers/promises';
import { type Entry, owe } from '@kedge/shared/bus';
import type { NodeName, ScheduleEntry, ServiceName } from '@kedge/shared/contracts';
import { type CronClock, parseCron } from '@kedge/shared/cron';
import { createTurns, type PassResult, sameJson } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Missed } from './core/find-missed.ts';
import { type NextFire, nextFire } from './core/next-fire.ts';
import type { Clock, CronNotices, DeclaredJobs, Schedule } from './ports.ts';

interface AdvancePorts {
  readonly node: NodeName;
  /** Time zone of the expressions. */
  readonly zone: string;
  readonly jobs: DeclaredJobs;
  readonly schedule: Schedule;
  readonly clock: Clock;
  readonly notices: CronNotices;
  readonly log: Logger;
  /** Told of each instant that this scheduler said. */
  readonly onDue: (service: ServiceName) => void;
}

/** The wall clock is looked at again at least this often, since it may jump while a timer runs. */
const lookAgainMs = 30_000;
/** Until something that is being written for the first time, or a configuration that is being written, is looked at again. */
const settleMs = 1_000;
/** How long an event that another scheduler owes is left to it: it is most likely being said right now. */
const debtGraceMs = 1_000;
/** Until the loser of a race looks at what the winner wrote. */
const afterRaceMs = 50;

/**
 * Makes the pass over one job: reads what is declared and what fired, and says `job.due` when an instant has come. Several schedulers
 * may do so at once: the one whose write wins says it.
 */
export function createAdvanceJob({ node, zone, jobs, schedule, clock, notices, log, onDue }: AdvancePorts) {
  const debts = new Map<ServiceName, { readonly revision: number; readonly seenAtMs: number }>();
  const inTurn = createTurns();

  return async function advanceJob(service: ServiceName): Promise<PassResult> {
    const declared = await jobs.read(service);
    if (declared.kind === 'unknown') return { requeueAfterMs: settleMs };
    const stored = await schedule.read(service);
    if (declared.kind === 'none') {
      notices.gone(service);
      return await forget(service, stored);
    }

    const { cron } = declared;
    const parsed = parseCron(cron, zone);
    if (!parsed.ok) {
      notices.invalid({ service, cron, reason: parsed.reason });
      return await forget(service, stored);
    }
    notices.valid({ service, cron, warning: parsed.clock.warning });
    const entry = await withoutDebt(service, stored);
    if (entry === 'being-said') return { requeueAfterMs: debtGraceMs };
    return await advance({ service, cron, clock: parsed.clock, entry });
  };

  async function forget(service: ServiceName, stored: Entry<ScheduleEntry> | null): Promise<PassResult> {
    debts.delete(service);
    if (!stored) return {};
    const { owes: _said, ...value } = stored.value;
    const newest = await schedule.sayOwed(stored);
    // Somebody else knows the job, and has gone on with its clock meanwhile: that may owe a word that nobody would say then.
    if (!sameJson(newest.value, value)) return { requeueAfterMs: afterRaceMs };
    await schedule.remove(newest);
    return {};
  }

  async function withoutDebt(
    service: ServiceName,
    entry: Entry<ScheduleEntry> | null,
  ): Promise<Entry<ScheduleEntry> | null | 'being-said'> {
    if (!entry?.value.owes?.length) {
      debts.delete(service);
      return entry;
    }
    const seen = debts.get(service);
    if (seen?.revision !== entry.revision) debts.set(service, { revision: entry.revision, seenAtMs: clock.monotonicMs() });
    else if (clock.monotonicMs() - seen.seenAtMs >= debtGraceMs) return await schedule.sayOwed(entry);
    return 'being-said';
  }

  async function advance({ service, cron, clock: cronClock, entry }: Step): Promise<PassResult> {
    // Finding instants takes long after an outage. Jobs come in bundles, and what else this process does has its turn between any two.
    await inTurn(async () => await otherWork());
    const now = clock.now();
    const known = entry?.value.cron === cron && entry.value.zone === zone;
    const last = dateOf(entry?.value.last);
    const decision = nextFire(cronClock, { last, next: known ? dateOf(entry.value.next) : null, now });
    if (decision.kind === 'wait' && known) return lookAgain(decision.next);

    const value: ScheduleEntry = { node, service, cron, zone, last: instantOf(last), next: instantOf(decision.next) };
    const written = await schedule.write(entry, owing(value, { decision, now }));
    if (!written) return { requeueAfterMs: entry ? afterRaceMs : settleMs };
    tell(service, decision);
    return lookAgain(decision.next);
  }

  function tell(service: ServiceName, decision: NextFire): void {
    const next = instantOf(decision.next);
    switch (decision.kind) {
      case 'fire':
        onDue(service);
        log.info({ service, instant: decision.instant.toISOString(), reason: decision.reason, next }, 'job is due');
        if (decision.missed) tellMissed(service, decision.missed);
        return;
      case 'miss':
        tellMissed(service, decision.missed);
        return;
      case 'plan':
        if (decision.reason === 'first') log.info({ service, next }, 'job planned');
        else log.warn({ service, reason: decision.reason, next }, 'job planned anew');
        return;
      case 'wait':
        log.warn({ service }, 'job never fires: its expression has no instant in the future');
        return;
      default:
        decision satisfies never;
    }
  }

  function tellMissed(service: ServiceName, { last, count }: Missed): void {
    log.warn({ service, instant: last.toISOString(), missed: count }, 'instants of the job were missed; the last one is told as skipped');
  }

  function lookAgain(next: Date | null): PassResult {
    const untilMs = next === null ? lookAgainMs : next.getTime() - clock.now().getTime();
    return { requeueAfterMs: Math.min(Math.max(untilMs, 0), lookAgainMs) };
  }
}

interface Step {
  readonly service: ServiceName;
  readonly cron: string;
  readonly clock: CronClock;
  readonly entry: Entry<ScheduleEntry> | null;
}

/** What the decision has to be said of, with the write that makes it so. */
function owing(value: ScheduleEntry, { decision, now }: { readonly decision: NextFire; readonly now: Date }): ScheduleEntry {
  const { service } = value;
  const due = (instant: Date, missed?: number) =>
    owe('job.due', { service, instant: instant.toISOString(), ...(missed === undefined ? {} : { missed }) }, { service, now });
  const missed = 'missed' in decision && decision.missed ? [due(decision.missed.last, decision.missed.count)] : [];
  if (decision.kind === 'fire') return { ...value, last: decision.instant.toISOString(), owes: [...missed, due(decision.instant)] };
  return missed.length > 0 ? { ...value, owes: missed } : value;
}

function dateOf(instant: string | null | undefined): Date | null {
  return instant ? new Date(instant) : null;
}

function instantOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
