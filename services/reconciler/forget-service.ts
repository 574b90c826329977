import type { World } from './observe-service.ts';
import type { Stores } from './stores.ts';

/** May be done again after a death in the middle. */
export type ForgetService = (world: World) => Promise<void>;

/** Takes away what was remembered of a service that is declared no more and has nothing left that runs. */
export function createForgetter(stores: Stores, forgetRuns: (world: World) => Promise<void>): ForgetService {
  return async function forget(world) {
    const { key, endpoints, bars, record } = world;
    if (endpoints) await stores.endpoints.delete(key, endpoints.revision);
    if (bars) await stores.bars.delete(key, bars.revision);
    await forgetRuns(world);
    // The record goes last: as long as it is there, the next pass comes here again.
    if (record) await stores.releases.delete(key, record.revision);
  };
}
