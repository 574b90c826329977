import type { ServiceName } from '@kedge/shared/contracts';
import { surplusRuns } from './core/surplus-runs.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunOutputs } from './run-outputs.ts';
import type { Stores } from './stores.ts';

interface KeeperPorts {
  readonly stores: Pick<Stores, 'runs'>;
  readonly outputs: Pick<RunOutputs, 'drop'>;
  readonly ledger: Pick<RunLedger, 'all' | 'of' | 'drop'>;
}

/** How long runs are remembered. */
export interface RunKeeper {
  /** Drops the runs that are too many: see `surplusRuns`. */
  prune(): Promise<void>;
  /** Forgets all runs of a service. */
  forget(service: ServiceName): Promise<void>;
}

/** Only the active reconciler may use it: it takes the ledger for complete. */
export function createRunKeeper({ stores, outputs, ledger }: KeeperPorts): RunKeeper {
  /** The run goes last: as long as it is there, somebody comes here again. */
  async function drop(key: string): Promise<void> {
    await outputs.drop(key);
    const entry = await stores.runs.get(key);
    if (entry) await stores.runs.delete(key, entry.revision);
    ledger.drop(key);
  }

  return {
    async prune() {
      for (const key of surplusRuns(ledger.all())) await drop(key);
    },
    async forget(service) {
      for (const { key } of ledger.of(service)) await drop(key);
    },
  };
}
