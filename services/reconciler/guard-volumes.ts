import type { Bus } from '@kedge/shared/bus';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { adoptedIds } from './adopt-place.ts';
import { turnOf } from './core/exchange.ts';
import type { Step } from './core/step.ts';
import { type LeavingWriter, leavingWriters, stillWrittenMessage } from './core/still-written.ts';
import type { MoveFinder, Moves } from './find-moves.ts';
import { createSourceGuard } from './guard-sources.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface GuardPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'writable' | 'unseen'>;
  readonly moves: MoveFinder;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

/**
 * Asked before anything is stopped, made or started: two services never write at once because one took the other's place. It rejects with
 * RetryableError VOLUME_IN_USE, with VOLUME_COMING, which is no obstacle, while two exchange theirs, and with SOURCE_MISSING where there is
 * nothing to mount.
 */
export type VolumeGuard = (
  world: Pick<World, 'service' | 'manifest' | 'containers' | 'record' | 'now'>,
  intent: { readonly spec: ServiceSpec; readonly steps: readonly Step[] },
) => Promise<void>;

/** Asks for sources first: what is missing is told before what is in use. */
export function createVolumeGuard({ bus, engine, moves, configFolder }: GuardPorts): VolumeGuard {
  const assertSourcesSeen = createSourceGuard({ engine, configFolder });

  return async function assertVolumesFree(world, { spec, steps }) {
    await assertSourcesSeen(spec);
    if (!spec.volume?.some(({ readonly }) => !readonly)) return;
    const adopted = adoptedIds(world.record?.value);
    const [mounts, declared, folder] = await Promise.all([engine.writable(), moves.declared(world), configFolder()]);
    const held = mounts.filter(({ container }) => !adopted.includes(container));
    const writers = leavingWriters(world.service, spec, { node: bus.node, held, declared, configFolder: folder });
    if (writers.length === 0) return;
    const found = await moves.find(world, spec);
    const isMutual = ({ service }: LeavingWriter) => found.ring.includes(service);
    // In an exchange what may come back waits for this service, too.
    const inTheWay = writers.filter((each) => each.container !== null || !isMutual(each));
    const [first] = inTheWay;
    if (!first) return;
    // Who has stopped something for an exchange goes on waiting when others are through with it.
    const hasStopped = world.record?.value.rollout?.stopsSince !== undefined;
    const outside = hasStopped ? undefined : inTheWay.find((each) => !isMutual(each));
    if (outside) throw new RetryableError('VOLUME_IN_USE', stillWrittenMessage(outside));
    const turn = turnOfExchange(world, steps, found);
    if (turn !== 'go') throw new RetryableError(turn === 'obstacle' ? 'VOLUME_IN_USE' : 'VOLUME_COMING', stillWrittenMessage(first));
  };
}

/** Where nothing stops for a rollout, the first of an exchange starts beside the others: nobody could ever go on otherwise. */
function turnOfExchange({ record, containers, now }: Pick<World, 'record' | 'containers' | 'now'>, steps: readonly Step[], moves: Moves) {
  const startsBeside =
    record?.value.rollout?.strategy === 'start-first' && moves.givesWay && moves.departures.every((each) => each === 'prepared');
  return startsBeside ? 'go' : turnOf({ ...moves, containers, steps, now });
}
