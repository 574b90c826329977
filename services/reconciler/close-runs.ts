import { type Bus, type Entry, sayOwed } from '@kedge/shared/bus';
import type { RunRecord, ServiceName } from '@kedge/shared/contracts';
import { downReason } from './core/down-reason.ts';
import { lastThatFit } from './core/last-that-fit.ts';
import { wasStarted } from './core/plan-run.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { RunRecorder } from './record-run.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Stores } from './stores.ts';

interface CloserPorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'runs'>;
  readonly engine: Pick<ContainerEngine, 'inspect' | 'logs'>;
  readonly ledger: Pick<RunLedger, 'open' | 'drop'>;
  readonly recorder: RunRecorder;
}

/** How runs end: each is told once, with what it printed. */
export interface RunCloser {
  /** The container of a run has ended. */
  ended(entry: Entry<RunRecord>, container: ObservedContainer): Promise<void>;
  /** What is left of a run whose container is gone. */
  lost(entry: Entry<RunRecord>, reason: string): Promise<void>;
  /** A container has ended and is removed next: were it that of a run, nobody could tell any more how it ended. */
  containerLeaves(world: Pick<World, 'service'>, id: string): Promise<void>;
  /** Containers that ended while nobody looked: their runs have ended, too. */
  containersEnded(world: Pick<World, 'service'>): Promise<void>;
  /** Nothing of the service is left, and nothing of it starts any more. */
  close(world: Pick<World, 'service' | 'down'>): Promise<void>;
}

/** Of what a run printed, in the store; the end of it counts. */
const maxOutputBytes = 64 * 1024;
const maxOutputLines = 5_000;

/** Each end is one write by compare-and-set; WORLD_MOVED when somebody else wrote first. */
export function createRunCloser({ bus, stores, engine, ledger, recorder }: CloserPorts): RunCloser {
  async function openRuns(service: ServiceName): Promise<readonly Entry<RunRecord>[]> {
    const found: Entry<RunRecord>[] = [];
    for (const key of ledger.open(service)) {
      const entry = await stores.runs.get(key);
      if (entry) found.push(await sayOwed({ bus, bucket: stores.runs, entry }));
      else ledger.drop(key);
    }
    return found.filter(({ value }) => value.state === 'claimed' || value.state === 'running');
  }

  async function ended(entry: Entry<RunRecord>, { id, exitCode }: ObservedContainer): Promise<void> {
    const since = entry.value.startedAt === undefined ? {} : { since: new Date(entry.value.startedAt) };
    const lines = await engine.logs(id, { lines: maxOutputLines, ...since });
    const code = exitCode ?? 0;
    const output = lastThatFit(lines, maxOutputBytes).join('\n');
    await recorder.finished(entry, { exitCode: code, output, reason: `it ended with code ${code}` });
  }

  async function lost(entry: Entry<RunRecord>, reason: string): Promise<void> {
    await recorder.finished(entry, { exitCode: -1, output: '', reason });
  }

  async function endedMeanwhile(entry: Entry<RunRecord>, id: string): Promise<void> {
    const container = await engine.inspect(id);
    if (container?.state !== 'exited') return;
    if (entry.value.state === 'running') await ended(entry, container);
    else if (wasStarted(entry.value, container)) await ended(await recorder.started(entry, container), container);
  }

  return {
    ended,
    lost,
    async containerLeaves({ service }, id) {
      const entry = (await openRuns(service)).find(({ value }) => value.container === id);
      if (entry) await endedMeanwhile(entry, id);
    },
    async containersEnded({ service }) {
      for (const entry of await openRuns(service))
        if (entry.value.container !== undefined) await endedMeanwhile(entry, entry.value.container);
    },
    async close({ service, down }) {
      for (const entry of await openRuns(service)) {
        const message = down ? downReason(down) : 'the job is declared no more';
        if (entry.value.state === 'running') await lost(entry, `its container was removed: ${message}`);
        else await recorder.skipped(entry, { reason: down ? 'down' : 'undeclared', message });
      }
    },
  };
}
