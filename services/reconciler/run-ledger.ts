import { type Bus, sayOwed } from '@kedge/shared/bus';
import { type RunRecord, runKey, type ServiceName } from '@kedge/shared/contracts';
import type { Stores } from './stores.ts';

/** Which runs exist, so that no pass has to read their outputs. Only the active reconciler writes runs; a reply that was lost is made up for by the next load. */
export interface RunLedger {
  /** Reads all runs and says what they still owe: when this instance becomes the active one, and at every look at everything. */
  load(): Promise<void>;
  note(run: RunRecord): void;
  /** Keys of runs that were claimed and have not ended, oldest first. */
  open(service: ServiceName): readonly string[];
  /** Keys of runs that ended like this, oldest first. */
  ended(service: ServiceName, how: 'finished' | 'skipped'): readonly string[];
  drop(key: string): void;
}

type Noted = Pick<RunRecord, 'service' | 'instant' | 'state'>;

export function createRunLedger({ bus, stores }: { readonly bus: Bus; readonly stores: Stores }): RunLedger {
  const runs = new Map<string, Noted>();

  function note({ service, instant, state }: RunRecord): void {
    runs.set(runKey(bus.node, service, instant), { service, instant, state });
  }

  function keys(of: ServiceName, isWanted: (state: RunRecord['state']) => boolean): readonly string[] {
    return [...runs]
      .filter(([, { service, state }]) => service === of && isWanted(state))
      .toSorted(([, one], [, other]) => Date.parse(one.instant) - Date.parse(other.instant))
      .map(([key]) => key);
  }

  return {
    async load() {
      const before = new Map(runs);
      const read = new Map<string, RunRecord>();
      for (const [key, entry] of await stores.runs.readAll(bus.node)) read.set(key, (await sayOwed(bus, stores.runs, entry)).value);
      for (const key of new Set([...before.keys(), ...read.keys()])) {
        // What was noted or dropped meanwhile is newer than what was read.
        if (runs.get(key) !== before.get(key)) continue;
        const run = read.get(key);
        if (run) note(run);
        else runs.delete(key);
      }
    },
    note,
    open: (service) => keys(service, (state) => state === 'claimed' || state === 'running'),
    ended: (service, how) => keys(service, (state) => state === how),
    drop: (key) => void runs.delete(key),
  };
}
