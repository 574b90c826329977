import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** How much this process has to do. */
export interface LoopLoad {
  /** True while its event loop hardly ever waits for something to happen. */
  isBusy(): boolean;
}

interface LoopClock {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Milliseconds of them that the loop had something to do, and had not. */
  readonly utilization: () => Pick<EventLoopUtilization, 'active' | 'idle'>;
}

/** As it was over so long, at least. */
const windowMs = 20;
const busyShare = 0.9;

const ownLoop: LoopClock = { now: () => performance.now(), utilization: () => performance.eventLoopUtilization() };

/** Looks only when it is asked. */
export function createLoopLoad({ now, utilization }: LoopClock = ownLoop): LoopLoad {
  let [lookedAt, before] = [now(), utilization()];
  let busy = false;
  return {
    isBusy() {
      const at = now();
      if (at - lookedAt < windowMs) return busy;
      const after = utilization();
      const [active, idle] = [after.active - before.active, after.idle - before.idle];
      busy = active > busyShare * (active + idle);
      [lookedAt, before] = [at, after];
      return busy;
    },
  };
}
