import type { Bus } from '@kedge/shared/bus';
import { type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { publishedBy } from './core/desired-container.ts';
import { overlaps, type PortConflict, portConflict } from './core/port-conflict.ts';
import { givesWayTo } from './core/port-exchange.ts';
import type { Step } from './core/step.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, HostPort, HostPorts, PublishedPort } from './ports.ts';
import type { Stores } from './stores.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'services'>;
  readonly engine: Pick<ContainerEngine, 'published' | 'list'>;
  readonly hostPorts: HostPorts;
}

/**
 * Asked before anything is stopped or made for containers that publish ports: an old release that serves is not given up for a new one
 * that could not start. It rejects with RetryableError PORT_TAKEN; with PORT_MOVING where the port is about to be free by what is
 * declared; and with PORT_COMING where the service itself stopped for an exchange, which the others finish in a moment.
 */
export type PortGuard = (
  world: Pick<World, 'service' | 'manifest' | 'containers' | 'now'>,
  spec: ServiceSpec,
  steps: readonly Step[],
) => Promise<void>;

/** Who gave way in an exchange waits so long for the others, in milliseconds, before it takes its old port back. */
const exchangeMs = 60_000;

export function createPortGuard({ bus, stores, engine, hostPorts }: GuardPorts): PortGuard {
  return async function assertPortsFree(world, spec, steps) {
    const wanted = publishedBy(spec);
    if (wanted.length === 0) return;
    const [published, wants] = await Promise.all([engine.published(), declaredPorts(world)]);
    const states = await Promise.all(wanted.map((port) => hostPorts.check(port)));
    const own = new Set(world.containers.map(({ id }) => id));
    const isGivenUp = (held: PublishedPort) =>
      held.owner?.node === bus.node && !(wants.get(held.owner.service) ?? []).some((port) => overlaps(port, held));
    const conflict = portConflict({ wanted, published, own, states, isGivenUp });
    if (conflict?.kind === 'taken') throw new RetryableError('PORT_TAKEN', conflict.message);
    if (conflict) await assertMayMove(world, steps, { conflict, wants, published });
  };

  /** Containers may be made; nothing is stopped for a port that moves, but by the one that gives way when all are prepared. */
  async function assertMayMove(
    { service, containers, now }: Parameters<PortGuard>[0],
    steps: readonly Step[],
    { conflict, wants, published }: Exchange,
  ): Promise<void> {
    if (steps.some(({ kind }) => kind === 'start')) {
      const stoppedAt = Math.max(0, ...containers.map(({ finishedAt }) => finishedAt?.getTime() ?? 0));
      const hasGivenWay = !containers.some(({ state }) => state === 'running') && now - stoppedAt < exchangeMs;
      throw new RetryableError(hasGivenWay ? 'PORT_COMING' : 'PORT_MOVING', conflict.message);
    }
    if (!steps.some(({ kind }) => kind === 'stop')) return;
    const ours = published.filter(({ owner }) => owner?.node === bus.node);
    const others = givesWayTo({ service, wants, published: ours });
    if (others.length === 0 || !(await arePrepared(others))) throw new RetryableError('PORT_MOVING', conflict.message);
  }

  /** Each has made what it will start, and needs nothing but its port. */
  async function arePrepared(services: readonly string[]): Promise<boolean> {
    const containers = await engine.list(bus.node, []);
    return services.every((service) => containers.some(({ kedge, state }) => kedge?.service === service && state === 'created'));
  }

  async function declaredPorts({ manifest }: Pick<World, 'manifest'>): Promise<Exchange['wants']> {
    const entries = await stores.services.readAll(bus.node);
    return new Map(
      Object.keys(manifest.services).map((name) => {
        const spec = entries.get(serviceKey(bus.node, name as ServiceName))?.value.spec;
        return [name, publishedBy(spec ?? {})];
      }),
    );
  }
}

interface Exchange {
  readonly conflict: PortConflict;
  /** The ports of the host that each declared service wants. */
  readonly wants: ReadonlyMap<string, readonly HostPort[]>;
  readonly published: readonly PublishedPort[];
}
