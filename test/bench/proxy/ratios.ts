/** One candidate in one round of one case. */
export interface Measurement {
  readonly round: number;
  readonly case: string;
  readonly candidate: string;
  readonly requests: number;
  readonly perSecond: number;
  /** Of the candidate and its children, in the program and in the kernel. */
  readonly cpuSecondsPer100k: number;
  readonly p99Ms: number;
  readonly residentMib: number;
  readonly failures: number;
}

/** What a table says of a candidate in a case: medians of its rounds, and of the ratios within each round. */
export interface Summary {
  readonly case: string;
  readonly candidate: string;
  readonly cpuSecondsPer100k: number;
  /** Processor time of the first candidate by that of this one. */
  readonly cpuRatio: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly p99Ratio: number;
  readonly residentMib: number;
  readonly failures: number;
}

/** Compares everybody with `first`, round by round: what disturbs the machine disturbs a whole round. */
export function summarise(measured: readonly Measurement[], first: string): Summary[] {
  const groups = Map.groupBy(measured, (one) => `${one.case}\n${one.candidate}`);
  return [...groups.values()].flatMap((rounds) => {
    const [any] = rounds;
    if (!any) return [];
    const middle = (value: (one: Measurement) => number) => median(rounds.map(value));
    const ratio = (value: (one: Measurement) => number) =>
      median(
        rounds.flatMap((one) => {
          const own = measured.find((other) => other.case === one.case && other.round === one.round && other.candidate === first);
          return own ? [value(own) / value(one)] : [];
        }),
      );
    return [
      {
        case: any.case,
        candidate: any.candidate,
        cpuSecondsPer100k: middle((one) => one.cpuSecondsPer100k),
        cpuRatio: ratio((one) => one.cpuSecondsPer100k),
        perSecond: middle((one) => one.perSecond),
        p99Ms: middle((one) => one.p99Ms),
        p99Ratio: ratio((one) => one.p99Ms),
        residentMib: Math.max(...rounds.map((one) => one.residentMib)),
        failures: rounds.reduce((sum, one) => sum + one.failures, 0),
      },
    ];
  });
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
