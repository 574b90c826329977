import { errorCode, KedgeError, type PassResult, RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { RouteAnnouncer } from './announce-routes.ts';
import { isNewlyBlocked } from './core/obstacles.ts';
import type { ObserveService, World } from './observe-service.ts';
import type { RecordObstacle } from './record-obstacle.ts';

interface MeetPorts {
  readonly log: Logger;
  readonly observe: ObserveService;
  readonly routes: Pick<RouteAnnouncer, 'release'>;
  readonly noteObstacle: RecordObstacle;
}

/**
 * What stands in the way is no verdict about a release: it is noted, shown, and tried again; of a service that is declared no more it is only
 * logged. Resolves to when; rejects with what was thrown when that is no obstacle.
 */
export type MeetObstacle = (world: World, thrown: unknown) => Promise<PassResult>;

const blockedLookMs = 100;
/** Where nothing is noted. */
const undeclaredAfterMs = 5_000;

/** Codes of which nothing has to be remembered: the next look decides. */
const passing = new Set([
  'WORLD_MOVED',
  'CONTAINER_GONE',
  'IMAGE_MISSING',
  'ADDRESS_TAKEN',
  'PORT_COMING',
  'VOLUME_COMING',
  'STANDING_BY',
  'BUS_UNAVAILABLE',
  'REQUEST_UNANSWERED',
]);
const passingAfterMs = 500;

/** Looks at the world once more before it notes anything: steps before the obstacle may have changed it. */
export function createObstacleMeeter(ports: MeetPorts): MeetObstacle {
  /**
   * Resolves to when it is tried again, null where nothing was noted: declared no more. An engine that does not answer at all ends the pass, and
   * whoever drives passes comes back soon.
   */
  async function note({ service }: World, thrown: KedgeError): Promise<number | null> {
    try {
      const fresh = await ports.observe(service);
      if (!fresh?.spec) return null;
      // Where the old release was stopped it is coming back; elsewhere requests would be held for nobody.
      if (fresh.record?.value.rollout?.stopsSince === undefined) await ports.routes.release(fresh);
      const retryAfterMs = thrown instanceof RetryableError ? thrown.retryAfterMs : undefined;
      return await ports.noteObstacle(fresh, { code: thrown.code, message: thrown.message, retryAfterMs });
    } catch (again) {
      if (!passing.has(errorCode(again))) throw again;
      return passingAfterMs;
    }
  }

  return async function meet(world, thrown) {
    if (!(thrown instanceof KedgeError)) throw thrown;
    const { code, message } = thrown;
    if (passing.has(code)) return { requeueAfterMs: passingAfterMs };
    ports.log.warn({ code, reason: message }, 'an obstacle is in the way');
    const requeueAfterMs = await note(world, thrown);
    if (requeueAfterMs === null) return { requeueAfterMs: undeclaredAfterMs };
    // What serves is looked after at once; where the old release had to stop first, it comes back.
    return { requeueAfterMs: isNewlyBlocked(world.record?.value, world.now) ? Math.min(requeueAfterMs, blockedLookMs) : requeueAfterMs };
  };
}
