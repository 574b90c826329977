import type { Bucket, Bus } from '@kedge/shared/bus';

/** Where a process ends: at which call to the bus, and whether the call still had its effect. */
export interface Death {
  readonly call: number;
  readonly effect: boolean;
  /** Only that call fails, and its user lives on. */
  readonly passes?: boolean;
}

/** What a dead process "throws"; nobody may catch it and go on. */
export class Killed extends Error {}

/** A bus whose user dies at one of its calls: from then on every call throws. `calls` counts what was called. */
export function mortalBus(bus: Bus, death: Death | null): { readonly bus: Bus; readonly calls: () => number } {
  let calls = 0;

  function living<Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) {
    return async (...given: Arguments): Promise<Result> => {
      calls += 1;
      if (!death || calls < death.call || (death.passes && calls > death.call)) return await call(...given);
      if (calls === death.call && death.effect) await call(...given);
      throw new Killed(`killed at call ${calls}`);
    };
  }

  function wrap<Value>(bucket: Bucket<Value>): Bucket<Value> {
    return {
      ...bucket,
      get: living(bucket.get),
      readAll: living(bucket.readAll),
      readEverything: living(bucket.readEverything),
      create: living(bucket.create),
      update: living(bucket.update),
      delete: living(bucket.delete),
    };
  }

  const mortal: Bus = { ...bus, bucket: (name, schema) => wrap(bus.bucket(name, schema)), publish: living(bus.publish) as Bus['publish'] };
  return { bus: mortal, calls: () => calls };
}
