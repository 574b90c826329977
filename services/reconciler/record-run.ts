import { type Bus, type Entry, owe, writeThenSay } from '@kedge/shared/bus';
import { type RunRecord, runKey } from '@kedge/shared/contracts';
import type { SkipReason } from './core/plan-run.ts';
import type { RunKeeper } from './keep-runs.ts';
import type { Clock, ObservedContainer } from './ports.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunOutputs } from './run-outputs.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

interface RecorderPorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'runs'>;
  readonly clock: Clock;
  readonly ledger: Pick<RunLedger, 'note'>;
  readonly outputs: Pick<RunOutputs, 'keep'>;
  readonly keeper: Pick<RunKeeper, 'prune'>;
}

/** How a run ended. */
export interface RunEnd {
  readonly exitCode: number;
  readonly output: string;
  readonly reason: string;
}

/** The moments of a run that outlive a crash: each is one write of the run, and the event that it owes. */
export interface RunRecorder {
  /** This container is about to be started for it; from here on `startedAt` says when it was started before: see `wasStarted`. */
  assign(entry: Entry<RunRecord>, container: ObservedContainer): Promise<void>;
  /** Its container was started; resolves to the run as it is now. */
  started(entry: Entry<RunRecord>, container: ObservedContainer): Promise<Entry<RunRecord>>;
  skipped(entry: Entry<RunRecord>, why: SkipReason): Promise<void>;
  finished(entry: Entry<RunRecord>, end: RunEnd): Promise<void>;
}

/** Each write is by compare-and-set and rejects with WORLD_MOVED when somebody else wrote first. */
export function createRunRecorder({ bus, stores, clock, ledger, outputs, keeper }: RecorderPorts): RunRecorder {
  const nowText = () => clock.now().toISOString();

  async function write({ key, revision }: Entry<RunRecord>, value: RunRecord): Promise<Entry<RunRecord>> {
    const written = await writeThenSay({ bus, bucket: stores.runs, key, previous: { revision }, value });
    if (!written) throw worldMoved(key);
    ledger.note(written.value);
    return written;
  }

  const context = (run: RunRecord) => ({ service: run.service, now: clock.now(), correlationid: runKey(run) });

  return {
    async assign(entry, container) {
      const { id, kedge, startedAt } = container;
      const started = startedAt ? { startedAt: startedAt.toISOString() } : {};
      await write(entry, { ...unassigned(entry.value), container: id, ...(kedge ? { release: kedge.release } : {}), ...started });
    },

    async started(entry, container) {
      const run = entry.value;
      const startedAt = container.startedAt?.toISOString() ?? nowText();
      const said = owe('job.started', { instant: run.instant, container: container.id }, context(run));
      return await write(entry, { ...run, state: 'running', startedAt, owes: [said] });
    },

    async skipped(entry, { reason, message }) {
      const run = entry.value;
      const said = owe('job.skipped', { instant: run.instant, reason, message }, context(run));
      await write(entry, { ...unassigned(run), state: 'skipped', reason: message, finishedAt: nowText(), owes: [said] });
      await keeper.prune();
    },

    async finished(entry, { exitCode, output, reason }) {
      const run = entry.value;
      const finishedAt = nowText();
      const durationMs = run.startedAt === undefined ? 0 : Math.max(0, Date.parse(finishedAt) - Date.parse(run.startedAt));
      await outputs.keep(entry, output);
      const said = owe('job.finished', { instant: run.instant, exitCode, durationMs }, context(run));
      await write(entry, { ...run, state: 'finished', exitCode, reason, finishedAt, owes: [said] });
      await keeper.prune();
    },
  };
}

/** Without the container that was meant for it. */
function unassigned({ container: _container, release: _release, startedAt: _startedAt, ...run }: RunRecord): RunRecord {
  return run;
}
