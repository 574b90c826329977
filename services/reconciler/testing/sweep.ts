/** `npm run test:long` does everything, `npm test` a part. */
export const isLong = process.env.KEDGE_TEST_LONG === '1';

/** Which part of a sweep is run; a failure is found again with the seed that was printed. */
export const seed = Number(process.env.KEDGE_TEST_SEED ?? Date.now() % 1_000_000);
