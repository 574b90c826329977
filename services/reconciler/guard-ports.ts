import type { Bus } from '@kedge/shared/bus';
import type { ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { adoptedIds } from './adopt-place.ts';
import { publishedBy } from './core/desired-container.ts';
import { hostPortOf } from './core/endpoints.ts';
import { turnOf } from './core/exchange.ts';
import { overlaps, portConflict } from './core/port-conflict.ts';
import type { Step } from './core/step.ts';
import type { MoveFinder } from './find-moves.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, HostPort, HostPorts, PublishedPort } from './ports.ts';
import type { DeclaredReader } from './read-declared.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'published'>;
  readonly hostPorts: HostPorts;
  readonly declared: Pick<DeclaredReader, 'settled'>;
  readonly moves: Pick<MoveFinder, 'find'>;
}

/**
 * Asked before anything is stopped or made for containers that publish ports: an old release that serves is not given up for a new one
 * that could not start. It rejects with RetryableError PORT_TAKEN. Where the port is to be free by what is declared, it rejects with
 * PORT_MOVING while whoever has it cannot move, and with PORT_COMING, which is no obstacle, while it is on the way.
 */
export type PortGuard = (
  world: Pick<World, 'service' | 'manifest' | 'containers' | 'record' | 'endpoints' | 'now'>,
  intent: { readonly spec: ServiceSpec; readonly steps: readonly Step[] },
) => Promise<void>;

/** Asks the engine who has which port, and the host itself. */
export function createPortGuard({ bus, engine, hostPorts, declared, moves }: GuardPorts): PortGuard {
  return async function assertPortsFree(world, { spec, steps }) {
    const wanted = publishedBy(spec);
    if (wanted.length === 0) return;
    const [published, specs] = await Promise.all([engine.published(), declared.settled(world)]);
    // What proxies take for this service they give up before its new containers start.
    const proxied = (world.endpoints?.value.ports ?? []).map(hostPortOf);
    const stateOf = async (port: HostPort) => (proxied.some((each) => overlaps(each, port)) ? 'unknown' : await hostPorts.check(port));
    const states = await Promise.all(wanted.map(stateOf));
    const own = new Set([...world.containers.map(({ id }) => id), ...adoptedIds(world.record?.value)]);
    // What is to be made now may be another release than the declared one: an old one that comes back.
    const wants = new Map([...specs].map(([name, each]) => [name, publishedBy(each)] as const)).set(world.service, wanted);
    const isGivenUp = ({ owner, ...held }: PublishedPort) =>
      owner?.node === bus.node && !(wants.get(owner.service as ServiceName) ?? []).some((port) => overlaps(port, held));
    const conflict = portConflict({ wanted, published, own, states, isGivenUp });
    if (conflict?.kind === 'taken') throw new RetryableError('PORT_TAKEN', conflict.message);
    if (!conflict) return;
    const found = await moves.find(world, { spec });
    const turn = turnOf({ ...found, containers: world.containers, steps, now: world.now });
    const why = found.stuck === null ? conflict.message : `${conflict.message}; ${found.stuck}`;
    if (turn !== 'go') throw new RetryableError(turn === 'obstacle' ? 'PORT_MOVING' : 'PORT_COMING', why);
  };
}
