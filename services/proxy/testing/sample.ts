/** `npm run test:long` does everything, `npm test` a part. */
export const isLong = process.env.KEDGE_TEST_LONG === '1';

/** Which part is done; a failure is found again with the seed that was printed. */
export const seed = Number(process.env.KEDGE_TEST_SEED ?? Date.now() % 1_000_000);

/** Numbers from 1 to `last`: each of them in a long run, else about so many, evenly spread; over all seeds each of them. */
export function someUpTo(last: number, about: number): readonly number[] {
  const stride = isLong ? 1 : Math.max(1, Math.floor(last / about));
  const first = 1 + (seed % stride);
  return Array.from({ length: Math.max(0, Math.ceil((last + 1 - first) / stride)) }, (_, index) => first + index * stride);
}
