import type { Bus } from '@kedge/shared/bus';

/** A bus, and how often its user read all of a bucket. */
export function countingBus(bus: Bus): { readonly bus: Bus; readonly wholeReads: () => number } {
  let wholeReads = 0;
  const counting: Bus['bucket'] = (name, schema) => {
    const bucket = bus.bucket(name, schema);
    return {
      ...bucket,
      async readEverything() {
        wholeReads += 1;
        return await bucket.readEverything();
      },
    };
  };
  return { bus: { ...bus, bucket: counting }, wholeReads: () => wholeReads };
}
