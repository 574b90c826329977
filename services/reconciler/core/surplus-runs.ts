import type { RunRecord, ServiceName } from '@kedge/shared/contracts';

/** A run, without what it printed. */
export interface NotedRun {
  readonly key: string;
  readonly service: ServiceName;
  readonly state: RunRecord['state'];
  /** Its instant, in milliseconds since the epoch. */
  readonly at: number;
}

/** How much is remembered. */
export const keptRuns = {
  /** Of each job: its last runs, and its last skips beside them; one never pushes the other out. */
  ofJob: 20,
  /** Of all jobs together: with outputs of 64 KiB at most, half of what the store has room for. */
  inAll: 2_048,
} as const;

/** The runs that are too many, oldest first. The last run of a job stays, however many others ran since. */
export function surplusRuns(
  runs: readonly NotedRun[],
  kept: { readonly ofJob: number; readonly inAll: number } = keptRuns,
): readonly string[] {
  const finished = lists(runs, 'finished');
  const own = [...finished, ...lists(runs, 'skipped')].flatMap((list) => list.slice(0, -kept.ofJob));
  const remaining = finished.map((list) => list.slice(-kept.ofJob));
  const excess = remaining.reduce((sum, list) => sum + list.length, 0) - kept.inAll;
  const others = excess > 0 ? inOrder(remaining.flatMap((list) => list.slice(0, -1))).slice(0, excess) : [];
  return inOrder([...own, ...others]).map(({ key }) => key);
}

/** The runs of each job that ended like this, oldest first. */
function lists(runs: readonly NotedRun[], how: 'finished' | 'skipped'): readonly (readonly NotedRun[])[] {
  const ended = inOrder(runs.filter(({ state }) => state === how));
  return [...Map.groupBy(ended, ({ service }) => service).values()];
}

function inOrder(runs: readonly NotedRun[]): readonly NotedRun[] {
  return runs.toSorted((one, other) => one.at - other.at);
}
