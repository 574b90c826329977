import { type Bus, type Entry, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
import { type Instant, type RunRecord, runKey, type ServiceName, type ServiceSpec } from '@kedge/shared/contracts';
import type { RunCloser } from './close-runs.ts';
import { refuseRun } from './core/plan-run.ts';
import type { RunKeeper } from './keep-runs.ts';
import type { Clock } from './ports.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Stores } from './stores.ts';

interface ClaimPorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'runs'>;
  readonly clock: Clock;
  readonly ledger: Pick<RunLedger, 'open' | 'note'>;
  readonly keeper: Pick<RunKeeper, 'prune'>;
  readonly closer: Pick<RunCloser, 'containersEnded'>;
}

interface Firing {
  readonly service: ServiceName;
  readonly instant: Instant;
  /** What is declared; `unsettled` when its configuration cannot be read now, `down` while everything is, and null when it is not declared. */
  readonly spec: ServiceSpec | 'unsettled' | 'down' | null;
  /** Somebody asked for it; else the schedule did. */
  readonly isRequested?: boolean;
  /** It is the last of so many that the scheduler missed, and only told. */
  readonly missed?: number | undefined;
}

/**
 * Claims a firing by creating its key: that is the "once", whoever says it how often. False when it was claimed before. What was only told as
 * missed was not: should it become due after all, because only a clock was ahead then, it is claimed like any other.
 */
export type ClaimRun = (firing: Firing) => Promise<boolean>;

/** What is refused is written and told as skipped by the same write. */
export function createRunClaimer({ bus, stores, clock, ledger, keeper, closer }: ClaimPorts): ClaimRun {
  function recordOf({ service, instant, spec, isRequested = false, missed }: Firing): RunRecord {
    const now = clock.now();
    const base = { node: bus.node, service, instant };
    const isDown = spec === 'down';
    const isJob = typeof spec === 'string' || spec?.dispenser.cron !== undefined;
    const hasOpenRun = ledger.open(service).length > 0;
    const refused = refuseRun({ instant, isDown, isJob, isRequested, hasOpenRun, missed, now: now.getTime() });
    if (!refused) return { ...base, state: 'claimed' };
    const owes = [owe('job.skipped', { instant, ...refused }, { service, now, correlationid: runKey(base) })];
    return {
      ...base,
      state: 'skipped',
      reason: refused.message,
      ...(missed !== undefined && { missed }),
      finishedAt: now.toISOString(),
      owes,
    };
  }

  /** The claim may be our own, and only the reply to it was lost. */
  async function readStored(key: string): Promise<Entry<RunRecord> | null> {
    const stored = await stores.runs.get(key);
    return stored && (await sayOwed({ bus, bucket: stores.runs, entry: stored }));
  }

  async function write(firing: Firing, previous: Entry<RunRecord> | null): Promise<Entry<RunRecord> | null> {
    const key = runKey({ node: bus.node, service: firing.service, instant: firing.instant });
    return await writeThenSay({ bus, bucket: stores.runs, key, previous, value: recordOf(firing) });
  }

  /** The stored record becomes that of this firing where it only says that the instant was missed; null where it does not. */
  async function takeOver(firing: Firing, stored: Entry<RunRecord> | null): Promise<Entry<RunRecord> | null> {
    if (firing.missed !== undefined || stored?.value.state !== 'skipped' || stored.value.missed === undefined) return null;
    return await write(firing, stored);
  }

  return async function claim(firing) {
    const { service, instant } = firing;
    // Whoever was away has not looked at the run before this one yet: it may have ended, and then it is in nobody's way.
    await closer.containersEnded({ service });
    const created = await write(firing, null);
    const stored = created ?? (await readStored(runKey({ node: bus.node, service, instant })));
    const claimed = created ?? (await takeOver(firing, stored));
    const known = claimed ?? stored;
    if (known) ledger.note(known.value);
    await keeper.prune();
    return claimed !== null;
  };
}
