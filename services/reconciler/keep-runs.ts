import type { ServiceName } from '@kedge/shared/contracts';
import type { RunLedger } from './run-ledger.ts';
import type { Stores } from './stores.ts';

/** How much is remembered of the runs of a job. */
export interface RunKeeper {
  /** The last runs stay for `kedge logs`, and the last skips beside them: one never pushes the other out. */
  prune(service: ServiceName): Promise<void>;
  drop(key: string): Promise<void>;
  /** Forgets all runs of a service. */
  forget(service: ServiceName): Promise<void>;
}

const kept = 20;

export function createRunKeeper({ stores, ledger }: { readonly stores: Stores; readonly ledger: RunLedger }): RunKeeper {
  async function drop(key: string): Promise<void> {
    const entry = await stores.runs.get(key);
    if (entry) await stores.runs.delete(key, entry.revision);
    ledger.drop(key);
  }

  return {
    drop,
    async prune(service) {
      for (const how of ['finished', 'skipped'] as const) {
        for (const key of ledger.ended(service, how).slice(0, -kept)) await drop(key);
      }
    },
    async forget(service) {
      const all = [...ledger.open(service), ...ledger.ended(service, 'finished'), ...ledger.ended(service, 'skipped')];
      for (const key of all) await drop(key);
    },
  };
}
