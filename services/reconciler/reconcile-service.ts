import type { ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { inLogContext, type PassResult } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { RouteAnnouncer } from './announce-routes.ts';
import { isTakenBack } from './core/is-taken-back.ts';
import type { HandOvers } from './hand-over.ts';
import type { KeepService } from './keep-service.ts';
import type { MeetObstacle } from './meet-obstacle.ts';
import type { ObserveService, World } from './observe-service.ts';
import type { Round } from './perform-steps.ts';
import type { RemoveService } from './remove-service.ts';
import { traceOf } from './write-record.ts';

interface ReconcilePorts {
  readonly log: Logger;
  readonly observe: ObserveService;
  readonly routes: Pick<RouteAnnouncer, 'heal'>;
  readonly handOvers: Pick<HandOvers, 'heirs'>;
  readonly keep: KeepService;
  readonly remove: RemoveService;
  readonly meet: MeetObstacle;
  /** True while this instance is the only one that acts on the engine. */
  readonly mayAct: () => boolean;
}

/** More rounds in one pass mean that something undoes what we do; a pause keeps that from burning the machine. */
const maxRounds = 60;

/** One pass over one service: look, decide, do the next steps, and look again until nothing is left to do or something has to be waited for. */
export function createReconciler(ports: ReconcilePorts): (service: ServiceName) => Promise<PassResult> {
  const { log, observe, routes, handOvers, keep, remove, meet, mayAct } = ports;

  return async function reconcile(service: ServiceName): Promise<PassResult> {
    for (let round = 0; round < maxRounds; round += 1) {
      if (!mayAct()) return {};
      const world = await observe(service);
      if (!world) return {};
      const ended = await inLogContext(traceOf(world), () => look(world));
      if (ended !== 'again') return ended;
    }
    log.warn({ service, rounds: maxRounds }, 'a pass did not come to an end');
    return { requeueAfterMs: 5_000 };
  };

  async function look(observed: World): Promise<Round> {
    let world = observed;
    try {
      world = { ...observed, spec: observed.spec ?? (await restoredSpec(observed)) };
      // Proxies learn of a table before anything is decided from the time they had to apply it.
      await routes.heal(world, false);
      return world.spec ? await keep(world, world.spec) : await remove(world);
    } catch (thrown) {
      return await meet(world, thrown);
    }
  }

  /** What comes back first, before it leaves; null where nothing does, or somebody has its place already. */
  async function restoredSpec(world: World): Promise<ServiceSpec | null> {
    const { record, bars, down } = world;
    if (!record || down || !isTakenBack(record.value, bars?.value.bars ?? [])) return null;
    return (await handOvers.heirs(world)).areInPlace ? null : (record.value.serving?.spec ?? null);
  }
}
