import type { Bus } from '@kedge/shared/bus';
import type { PlanReply, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { publishedBy } from './core/desired-container.ts';
import { overlaps } from './core/port-conflict.ts';
import { isUp } from './core/sort-containers.ts';
import type { ContainerEngine } from './ports.ts';

export type Stranger = NonNullable<PlanReply['foreign']>[number] & { readonly id: string };

/** Containers that Kedge did not make and that stand where a service shall: under its name, or on a port that it publishes. */
export type FindStrangers = (service: ServiceName, spec: ServiceSpec) => Promise<readonly Stranger[]>;

interface StrangerPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'list' | 'inspect' | 'published'>;
}

export function createStrangerFinder({ bus, engine }: StrangerPorts): FindStrangers {
  return async function find(service, spec) {
    const wanted = publishedBy(spec);
    const [named, published] = await Promise.all([
      engine.list(bus.node, [service], { service }),
      wanted.length > 0 ? engine.published() : [],
    ]);
    const byName = named
      .filter(({ name, kedge }) => name === service && kedge === null)
      .map((each) => ({ each, because: 'name' as const }));
    const onPort = new Set(
      published.filter((held) => held.owner === null && wanted.some((port) => overlaps(held, port))).map(({ container }) => container),
    );
    const others = [...onPort].filter((id) => byName.every(({ each }) => each.id !== id));
    const byPort = (await Promise.all(others.map(async (id) => await engine.inspect(id))))
      .filter((each) => each !== null)
      .map((each) => ({ each, because: 'port' as const }));
    return [...byName, ...byPort].map(({ each, because }) => {
      const { id, name, image, networks } = each;
      return { id, service, container: name, image, running: isUp(each), because, networks: [...networks] };
    });
  };
}
