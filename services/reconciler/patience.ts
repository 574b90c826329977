import { type BackOffTable, backOffMs } from '@kedge/shared/kernel';

/** How long to leave something alone that went wrong, the longer the more often it did in a row. */
export interface Patience<Key extends string> {
  /** It went wrong once more. Gives the wait until the next look, in milliseconds. */
  failed(key: Key): number;
  succeeded(key: Key): void;
}

/** Whatever keeps a pass from looking (a bus that restarts, an engine that does not answer) passes quickly, as a rule. */
const table: BackOffTable = [500, 1_000, 2_000, 5_000];

/** `random` gives numbers in [0, 1). */
export function createPatience<Key extends string>(random: () => number): Patience<Key> {
  const failures = new Map<Key, number>();
  return {
    failed(key) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      return backOffMs({ table, failures: count, random: random() });
    },
    succeeded: (key) => void failures.delete(key),
  };
}
