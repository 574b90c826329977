import type { Bus } from '@kedge/shared/bus';
import { routingOf, type ServiceSpec } from '@kedge/shared/contracts';
import { servesRoute } from './core/moving-routes.ts';
import { isStartedByOthers } from './core/purpose.ts';
import { isReadyIn } from './core/sort-containers.ts';
import { hasNothingNewer } from './decide-service.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface OvertakenPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'endpoints'>;
  readonly engine: Pick<ContainerEngine, 'list'>;
}

/**
 * What serves is not what is wanted any more, and others answer for all of its routes, with another image: whoever asks would be answered by an
 * older version for a moment if it came back before the wanted one. A route that nobody else answers for is worth more than that. What
 * served is remembered: it comes back where the wanted one fails.
 */
export type IsOvertaken = (world: World, spec: ServiceSpec) => Promise<boolean>;

/** Asks store and engine each time afresh. */
export function createOvertaken({ bus, stores, engine }: OvertakenPorts): IsOvertaken {
  return async function isOvertaken(world, spec) {
    const served = world.record?.value.serving?.digest;
    const routes = routingOf(spec)?.routes ?? [];
    if (served === undefined || routes.length === 0 || isStartedByOthers(spec) || hasNothingNewer({ ...world, spec })) return false;
    const [containers, entries] = await Promise.all([engine.list(bus.node), stores.endpoints.readAll(bus.node)]);
    const others = [...entries.values()].map(({ value }) => value).filter(({ service }) => service !== world.service);
    const answering = others.filter((endpoints) => routes.some((route) => servesRoute({ endpoints }, route)));
    if (!routes.every((route) => answering.some((endpoints) => servesRoute({ endpoints }, route)))) return false;
    return containers.some(({ id, kedge }) => kedge && kedge.digest !== served && answering.some((each) => isReadyIn(each, id)));
  };
}
