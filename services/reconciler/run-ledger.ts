import { type Bus, sayOwed } from '@kedge/shared/bus';
import { type RunRecord, runKey, type ServiceName } from '@kedge/shared/contracts';
import type { NotedRun } from './core/surplus-runs.ts';
import type { Stores } from './stores.ts';

/** Which runs exist, so that no pass has to read them. Only the active reconciler writes runs; a reply that was lost is made up for by the next load. */
export interface RunLedger {
  /** Reads all runs and says what they still owe: when this instance becomes the active one, and at every look at everything. */
  load(): Promise<void>;
  note(run: RunRecord): void;
  all(): readonly NotedRun[];
  /** The runs of a service, oldest first. */
  of(service: ServiceName): readonly NotedRun[];
  /** Keys of runs that were claimed and have not ended, oldest first. */
  open(service: ServiceName): readonly string[];
  drop(key: string): void;
}

/** Empty until `load`. */
export function createRunLedger({ bus, stores }: { readonly bus: Bus; readonly stores: Stores }): RunLedger {
  const runs = new Map<string, NotedRun>();

  function note({ service, instant, state }: RunRecord): void {
    const key = runKey({ node: bus.node, service, instant });
    runs.set(key, { key, service, state, at: Date.parse(instant) });
  }

  function of(service: ServiceName): readonly NotedRun[] {
    return [...runs.values()].filter((run) => run.service === service).toSorted((one, other) => one.at - other.at);
  }

  return {
    async load() {
      const before = new Map(runs);
      const read = new Map<string, RunRecord>();
      for (const [key, entry] of await stores.runs.readAll(bus.node))
        read.set(key, (await sayOwed({ bus, bucket: stores.runs, entry })).value);
      for (const key of new Set([...before.keys(), ...read.keys()])) {
        // What was noted or dropped meanwhile is newer than what was read.
        if (runs.get(key) !== before.get(key)) continue;
        const run = read.get(key);
        if (run) note(run);
        else runs.delete(key);
      }
    },
    note,
    all: () => [...runs.values()],
    of,
    open: (service) =>
      of(service)
        .filter(({ state }) => state === 'claimed' || state === 'running')
        .map(({ key }) => key),
    drop: (key) => void runs.delete(key),
  };
}
