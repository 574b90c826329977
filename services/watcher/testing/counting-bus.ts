import type { Bus } from '@kedge/shared/bus';

interface CountingBus {
  readonly bus: Bus;
  /** How often its user read all of a bucket. */
  readonly wholeReads: () => number;
  /** Keys that it read one by one since it was asked last, in their order; of a node that was read in whole `<node>.*`. */
  readonly keysRead: () => readonly string[];
}

/** A bus that tells what its user reads. */
export function countingBus(bus: Bus): CountingBus {
  let wholeReads = 0;
  let keys: string[] = [];
  const counting: Bus['bucket'] = (name, schema) => {
    const bucket = bus.bucket(name, schema);
    return {
      ...bucket,
      async get(key) {
        keys.push(key);
        return await bucket.get(key);
      },
      async readAll(node, onUnreadable) {
        keys.push(`${node}.*`);
        return await bucket.readAll(node, onUnreadable);
      },
      async readEverything() {
        wholeReads += 1;
        return await bucket.readEverything();
      },
    };
  };
  const keysRead = () => {
    const read = keys.toSorted();
    keys = [];
    return read;
  };
  return { bus: { ...bus, bucket: counting }, wholeReads: () => wholeReads, keysRead };
}
