/** Upper bounds of the buckets, in seconds; what is longer is in one more. */
export const durationBounds: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** How often requests took how long. */
export class DurationHistogram {
  /** By bucket, of each what no smaller one has. */
  readonly counts: number[] = new Array<number>(durationBounds.length + 1).fill(0);
  /** Of all, in seconds. */
  sum = 0;

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}
