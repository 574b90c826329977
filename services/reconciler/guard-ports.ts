import type { Bus } from '@kedge/shared/bus';
import { type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { adoptedIds } from './adopt-place.ts';
import { publishedBy } from './core/desired-container.ts';
import { makesRoom } from './core/plan-arrival.ts';
import { overlaps, portConflict } from './core/port-conflict.ts';
import { departureOf, portMoves } from './core/port-exchange.ts';
import type { Step } from './core/step.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, HostPorts, PublishedPort } from './ports.ts';
import type { Stores } from './stores.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'services' | 'releases'>;
  readonly engine: Pick<ContainerEngine, 'published' | 'list'>;
  readonly hostPorts: HostPorts;
}

/**
 * Asked before anything is stopped or made for containers that publish ports: an old release that serves is not given up for a new one
 * that could not start. It rejects with RetryableError PORT_TAKEN. Where the port is to be free by what is declared, it rejects with
 * PORT_MOVING while whoever has it cannot move, and with PORT_COMING, which is no obstacle, while it is on the way.
 */
export type PortGuard = (
  world: Pick<World, 'service' | 'manifest' | 'containers' | 'record' | 'now'>,
  intent: { readonly spec: ServiceSpec; readonly steps: readonly Step[] },
) => Promise<void>;

/** Who gave way in an exchange waits so long for the others, in milliseconds, before it takes its old port back. */
const exchangeMs = 60_000;

/** Asks the engine who has which port, and the host itself. */
export function createPortGuard({ bus, stores, engine, hostPorts }: GuardPorts): PortGuard {
  return async function assertPortsFree(world, { spec, steps }) {
    const wanted = publishedBy(spec);
    if (wanted.length === 0) return;
    const [published, specs] = await Promise.all([engine.published(), declaredSpecs(world)]);
    const states = await Promise.all(wanted.map((port) => hostPorts.check(port)));
    const own = new Set([...world.containers.map(({ id }) => id), ...adoptedIds(world.record?.value)]);
    // What is to be made now may be another release than the declared one: an old one that comes back.
    const wants = new Map([...specs].map(([name, declared]) => [name, publishedBy(declared)] as const)).set(world.service, wanted);
    const isGivenUp = (held: PublishedPort) =>
      held.owner?.node === bus.node && !(wants.get(held.owner.service) ?? []).some((port) => overlaps(port, held));
    const conflict = portConflict({ wanted, published, own, states, isGivenUp });
    if (conflict?.kind === 'taken') throw new RetryableError('PORT_TAKEN', conflict.message);
    if (!conflict) return;
    const moves = portMoves({ service: world.service, wants, published: published.filter(({ owner }) => owner?.node === bus.node) });
    const departures = await departuresOf(moves.others, specs, world.now);
    if (departures.includes('stuck')) throw new RetryableError('PORT_MOVING', conflict.message);
    assertTurn(world, steps, { message: conflict.message, givesWay: moves.givesWay && !departures.includes('coming') });
  };

  async function departuresOf(services: readonly string[], specs: Specs, now: number): Promise<ReturnType<typeof departureOf>[]> {
    const [records, containers] = await Promise.all([stores.releases.readAll(bus.node), engine.list(bus.node)]);
    return services.map((service) =>
      departureOf({
        record: records.get(serviceKey(bus.node, service as ServiceName))?.value ?? null,
        containers: containers.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node),
        replicas: specs.get(service)?.service.replicas ?? 1,
        now,
      }),
    );
  }

  async function declaredSpecs({ manifest }: Pick<World, 'manifest'>): Promise<Specs> {
    const entries = await stores.services.readAll(bus.node);
    return new Map(
      Object.keys(manifest.services).flatMap((name) => {
        const spec = entries.get(serviceKey(bus.node, name as ServiceName))?.value.spec;
        return spec ? [[name, spec] as const] : [];
      }),
    );
  }
}

type Specs = ReadonlyMap<string, ServiceSpec>;

/** Everybody else moves: containers may be made for it, and only who gives way stops anything, or lets requests wait for it. */
function assertTurn(
  { containers, now }: Pick<World, 'containers' | 'now'>,
  steps: readonly Step[],
  { message, givesWay }: { readonly message: string; readonly givesWay: boolean },
): void {
  const starts = steps.some(({ kind }) => kind === 'start');
  if (!starts && (givesWay || !steps.some(makesRoom))) return;
  const stoppedAt = Math.max(0, ...containers.map(({ finishedAt }) => finishedAt?.getTime() ?? 0));
  const isStopped = stoppedAt > 0 && !containers.some(({ state }) => state === 'running');
  throw new RetryableError(isStopped && now - stoppedAt >= exchangeMs ? 'PORT_MOVING' : 'PORT_COMING', message);
}
