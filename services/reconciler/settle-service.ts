import type { RouteAnnouncer } from './announce-routes.ts';
import { hasReturned } from './decide-service.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { Round } from './perform-steps.ts';
import { hasWhatWasAskedFor, lagsBehind, type StandingRecorder } from './record-standing.ts';
import type { RunAdvancer } from './run-job.ts';

interface SettlePorts {
  readonly memory: Pick<Memory, 'forgetCauses'>;
  readonly routes: RouteAnnouncer;
  readonly runs: Pick<RunAdvancer, 'isBusy' | 'advance' | 'giveNameBack'>;
  readonly standing: Pick<StandingRecorder, 'arrive' | 'settle'>;
}

/** Nothing is left to do for the releases of a service: debts are paid, its runs go on, and what stood in the way is forgotten. */
export type SettleService = (world: World) => Promise<Round>;

/** A rollout that waits keeps what stood in its way. */
export function createSettler({ memory, routes, runs, standing }: SettlePorts): SettleService {
  return async function settle(world) {
    if (await routes.release(world)) return 'again';
    const isQuiet = (world.endpoints?.value.targets ?? []).every(({ state }) => state === 'ready');
    await routes.heal(world, isQuiet);
    memory.forgetCauses(world.service);
    const { waiting, rollout, serving, comingUp } = world.record?.value ?? {};
    // A newer release may wait for long; what came up has come.
    if (comingUp && rollout && serving && world.spec && hasReturned(world, serving.spec ?? world.spec)) {
      await standing.arrive(world);
      return 'again';
    }
    const retryAfterMs = waiting ? Date.parse(waiting.retryAt) - world.now : 0;
    if (waiting && rollout) return { requeueAfterMs: Math.max(250, retryAfterMs) };
    if (runs.isBusy(world.service)) return retryAfterMs > 0 ? { requeueAfterMs: retryAfterMs } : await runs.advance(world);
    if (await runs.giveNameBack(world)) return 'again';
    if (waiting || comingUp || lostItsPin(world) || lagsBehind(world) || hasWhatWasAskedFor(world)) await standing.settle(world);
    // Something newer may have waited for that.
    return comingUp ? 'again' : {};
  };
}

/**
 * A request lifted the pin of a service that is not watched; what serves now is what it stays with, unless that request is still to be
 * honoured.
 */
function lostItsPin({ spec, record }: World): boolean {
  const { pinned, requested, serving } = record?.value ?? {};
  return spec?.dispenser.watch === false && pinned === undefined && requested === undefined && serving?.image === spec.service.image;
}
