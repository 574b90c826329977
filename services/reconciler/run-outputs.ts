import type { Entry } from '@kedge/shared/bus';
import type { RunRecord } from '@kedge/shared/contracts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

/** A run as it is stored. */
export type StoredRun = Pick<Entry<RunRecord>, 'key' | 'value'>;

/** What runs have printed, beside the runs themselves: which runs there are is read often, and what they printed only when somebody asks. */
export interface RunOutputs {
  keep(run: StoredRun, output: string): Promise<void>;
  /** What a run printed; null when it printed nothing, or when that is kept no more. */
  read(run: StoredRun): Promise<string | null>;
  drop(key: string): Promise<void>;
}

/** Key of what the run of this key printed. No node has this name, so that whoever reads the runs of a node reads no outputs. */
function outputKey(key: string): string {
  return `_output.${key}`;
}

/** `keep` may be repeated; it rejects with WORLD_MOVED when somebody else wrote first. */
export function createRunOutputs({ runs }: Pick<Stores, 'runs'>): RunOutputs {
  return {
    async keep({ key, value: { node, service, instant, state } }, output) {
      if (output === '') return;
      const before = await runs.get(outputKey(key));
      const value: RunRecord = { node, service, instant, state, output };
      const written = before ? await runs.update(before.key, value, before.revision) : await runs.create(outputKey(key), value);
      if (written === null) throw worldMoved(outputKey(key));
    },
    // Runs of earlier versions hold it themselves.
    read: async ({ key, value }) => value.output ?? (await runs.get(outputKey(key)))?.value.output ?? null,
    async drop(key) {
      const entry = await runs.get(outputKey(key));
      if (entry) await runs.delete(entry.key, entry.revision);
    },
  };
}
