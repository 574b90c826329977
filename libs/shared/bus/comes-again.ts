import { type BackOffTable, backOffMs } from '../kernel/index.ts';

/**
 * In milliseconds. Often in the first minute, after which the run of a job is too late. Then rarely: commands are taken one after another,
 * and those that always fail, and slowly, would keep back the others.
 */
const table: BackOffTable = [5_000, 10_000, 15_000, 15_000, 30_000, 60_000, 120_000, 300_000];

/** When a command comes again that failed unexpectedly so many times in a row. */
export function comesAgainAfterMs(failures: number, random: number): number {
  return backOffMs({ table, failures, random });
}
