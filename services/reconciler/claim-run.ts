import { type Bus, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
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

/** Claims a firing by creating its key: that is the "once", whoever says it how often. False when it was claimed before. */
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
    return { ...base, state: 'skipped', reason: refused.message, finishedAt: now.toISOString(), owes };
  }

  /** The claim may be our own, and only the reply to it was lost. */
  async function noteStored(key: string): Promise<void> {
    const stored = await stores.runs.get(key);
    if (stored) ledger.note((await sayOwed({ bus, bucket: stores.runs, entry: stored })).value);
  }

  return async function claim(firing) {
    const { service, instant } = firing;
    const key = runKey({ node: bus.node, service, instant });
    // Whoever was away has not looked at the run before this one yet: it may have ended, and then it is in nobody's way.
    await closer.containersEnded({ service });
    const written = await writeThenSay({ bus, bucket: stores.runs, key, previous: null, value: recordOf(firing) });
    if (written) ledger.note(written.value);
    else await noteStored(key);
    await keeper.prune();
    return written !== null;
  };
}
