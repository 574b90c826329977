import { type Bus, keepLease } from '@kedge/shared/bus';
import { LeaseEntry } from '@kedge/shared/contracts';
import { startPeriodic } from '@kedge/shared/kernel';
import { callRoll, type Sign } from '../core/images/who-lives.ts';
import type { Clock, Members } from '../ports.ts';

const memberKey = /^watcher\.[^.]+\.member-/;
/** Somebody who is lost is missed within the sum of these, in milliseconds: long before the lease itself runs out. */
const renewEveryMs = 2_000;
const lostAfterMs = 5_000;
const lookEveryMs = 1_000;

/** Each watcher keeps a lease that nobody else wants: those whose leases change are the members that live. */
export function createMembers({ bus, clock }: { readonly bus: Bus; readonly clock: Pick<Clock, 'monotonicMs'> }): Members {
  const what = `member-${bus.instance}`;
  const self = `watcher.${bus.node}.${what}`;
  const lease = keepLease(bus, { what, renewEveryMs });
  const leases = bus.bucket('leases', LeaseEntry);
  const listeners: (() => void)[] = [];
  let signs: ReadonlyMap<string, Sign> = new Map();
  let last = '';

  async function list(): Promise<readonly string[]> {
    const stored = [...(await leases.readEverything()).values()].filter(({ key }) => memberKey.test(key) && key !== self);
    const revisions = new Map(stored.map(({ key, revision }) => [key, revision]));
    const roll = callRoll({ before: signs, revisions, nowMs: clock.monotonicMs(), lostAfterMs });
    ({ signs } = roll);
    return [...roll.alive, self];
  }

  const loop = startPeriodic({
    everyMs: lookEveryMs,
    work: async () => {
      const alive = (await list()).join();
      if (alive !== last) for (const listener of listeners) listener();
      last = alive;
    },
    // While the bus is away nobody can be counted, and nobody is missed: the registry loop says so.
    onError: () => undefined,
  });

  return {
    self,
    list,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      await loop.close();
      await lease.close();
    },
  };
}
