/** `npm run test:long` does everything, `npm test` a part. */
export const isLong = process.env.KEDGE_TEST_LONG === '1';

/** Which part of a sweep is run; a failure is found again with the seed that was printed. */
export const seed = Number(process.env.KEDGE_TEST_SEED ?? Date.now() % 1_000_000);

/** The calls, counted from 1, at which a process dies: each of them, or about so many. */
export function callsToDieAt(calls: number, about: number): readonly number[] {
  return isLong ? spread(calls, calls, 0) : spread(calls, about, seed);
}

/** At least `count` of the numbers from 1 to `last`, or all where there are fewer: evenly spread, and over all seeds each of them. */
export function spread(last: number, count: number, seed: number): readonly number[] {
  const stride = Math.max(1, Math.floor(last / count));
  const first = 1 + (seed % stride);
  return Array.from({ length: Math.max(0, Math.ceil((last + 1 - first) / stride)) }, (_, index) => first + index * stride);
}
