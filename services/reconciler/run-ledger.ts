import { type Bus, sayOwed } from '@kedge/shared/bus';
import { type RunRecord, runKey, type ServiceName } from '@kedge/shared/contracts';
import type { Stores } from './stores.ts';

/** Which runs exist, so that no pass has to read their outputs. Only the active reconciler writes runs, so what it remembers is true. */
export interface RunLedger {
  /** Reads all runs and says what they still owe; at the moment this instance becomes the active one. */
  load(): Promise<void>;
  note(run: RunRecord): void;
  /** Keys of runs that were claimed and have not ended, oldest first. */
  open(service: ServiceName): readonly string[];
  /** Keys of ended runs, oldest first. */
  ended(service: ServiceName): readonly string[];
  drop(service: ServiceName, key: string): void;
}

export function createRunLedger({ bus, stores }: { readonly bus: Bus; readonly stores: Stores }): RunLedger {
  const runs = new Map<ServiceName, Map<string, Pick<RunRecord, 'instant' | 'state'>>>();

  function note({ service, instant, state }: RunRecord): void {
    const ofService = runs.get(service) ?? new Map<string, Pick<RunRecord, 'instant' | 'state'>>();
    ofService.set(runKey(bus.node, service, instant), { instant, state });
    runs.set(service, ofService);
  }

  function keys(service: ServiceName, isWanted: (state: RunRecord['state']) => boolean): readonly string[] {
    return [...(runs.get(service) ?? [])]
      .filter(([, { state }]) => isWanted(state))
      .toSorted(([, one], [, other]) => Date.parse(one.instant) - Date.parse(other.instant))
      .map(([key]) => key);
  }

  const isOpen = (state: RunRecord['state']) => state === 'claimed' || state === 'running';
  return {
    async load() {
      runs.clear();
      for (const entry of (await stores.runs.readAll(bus.node)).values()) note((await sayOwed(bus, stores.runs, entry)).value);
    },
    note,
    open: (service) => keys(service, isOpen),
    ended: (service) => keys(service, (state) => !isOpen(state)),
    drop: (service, key) => runs.get(service)?.delete(key),
  };
}
