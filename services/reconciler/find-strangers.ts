import type { Bus } from '@kedge/shared/bus';
import type { PlanReply, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { publishedBy } from './core/desired-container.ts';
import { overlaps } from './core/port-conflict.ts';
import { isUp } from './core/sort-containers.ts';
import type { ContainerEngine, ObservedContainer, PublishedPort } from './ports.ts';

/** As the plan shows it, with its id. */
export type Stranger = NonNullable<PlanReply['foreign']>[number] & { readonly id: string };

interface Declared {
  readonly service: ServiceName;
  readonly spec: ServiceSpec;
}

/** Containers that Kedge did not make and that stand where services shall: under a name, or on a port that one publishes. */
export type FindStrangers = (declared: readonly Declared[]) => Promise<readonly Stranger[]>;

interface StrangerPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'list' | 'inspect' | 'published'>;
}

/** The engine is asked for ports only when one of the services publishes any. */
export function createStrangerFinder({ bus, engine }: StrangerPorts): FindStrangers {
  return async function find(declared) {
    const names = declared.map(({ service }) => service);
    const publishes = declared.some(({ spec }) => publishedBy(spec).length > 0);
    const [listed, published] = await Promise.all([engine.list(bus.node, { names }), publishes ? engine.published() : []]);
    const named = listed.filter(({ kedge }) => kedge === null);
    const held = published.filter(({ owner }) => owner === null);
    return (await Promise.all(declared.map(async (each) => await strangersOf(each, named, held)))).flat();
  };

  async function strangersOf(
    { service, spec }: Declared,
    named: readonly ObservedContainer[],
    held: readonly PublishedPort[],
  ): Promise<readonly Stranger[]> {
    const byName = named.filter(({ name }) => name === service);
    const wanted = publishedBy(spec);
    const onPort = held.filter((port) => wanted.some((each) => overlaps(port, each))).map(({ container }) => container);
    const others = [...new Set(onPort)].filter((id) => byName.every((each) => each.id !== id));
    const byPort = (await Promise.all(others.map(async (id) => await engine.inspect(id)))).filter((each) => each !== null);
    return [...byName.map((each) => stranger(service, each, 'name')), ...byPort.map((each) => stranger(service, each, 'port'))];
  }
}

function stranger(service: ServiceName, container: ObservedContainer, because: Stranger['because']): Stranger {
  const { id, name, image, networks } = container;
  return { id, service, container: name, image, running: isUp(container), because, networks: [...networks] };
}
