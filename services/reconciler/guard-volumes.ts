import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { takesOver, turnOf } from './core/exchange.ts';
import type { Step } from './core/step.ts';
import { type LeavingWriter, leavingWriters, stillWrittenMessage } from './core/still-written.ts';
import type { MoveFinder, Moves } from './find-moves.ts';
import { createSourceGuard } from './guard-sources.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface GuardPorts {
  readonly engine: Pick<ContainerEngine, 'unseen'>;
  readonly moves: MoveFinder;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

/**
 * Asked before anything is stopped, made or started: two services do not write at once because one takes the other's place, unless they wait
 * for each other otherwise (`[depends_on]`, a route that moves), or exchange places and nothing of them stops for a rollout. It rejects
 * with RetryableError VOLUME_IN_USE, with VOLUME_COMING, which is no obstacle, while two exchange theirs, and with SOURCE_MISSING where there
 * is nothing to mount.
 */
export type VolumeGuard = (
  world: Pick<World, 'service' | 'manifest' | 'containers' | 'record' | 'now'>,
  intent: { readonly spec: ServiceSpec; readonly steps: readonly Step[] },
) => Promise<void>;

/** Asks for sources first: what is missing is told before what is in use. */
export function createVolumeGuard({ engine, moves, configFolder }: GuardPorts): VolumeGuard {
  const assertSourcesSeen = createSourceGuard({ engine, configFolder });

  return async function assertVolumesFree(world, { spec, steps }) {
    await assertSourcesSeen(spec);
    if (!spec.volume?.some(({ readonly }) => !readonly)) return;
    const known = await moves.writing(world);
    const writers = leavingWriters(world.service, spec, known).filter(
      ({ isDeclared }) => !isDeclared || takesOver(world.record?.value ?? null),
    );
    if (writers.length === 0) return;
    const found = await moves.find(world, { spec, known });
    const isMutual = ({ service }: LeavingWriter) => found.ring.includes(service);
    // Who has stopped something for an exchange goes on waiting when others are through with it, and not for longer than it has to.
    const hasStopped = world.record?.value.rollout?.stopsSince !== undefined;
    // In an exchange what may come back waits for this service, too; and where nobody could move first, nobody waits.
    const isLetBe = (each: LeavingWriter) =>
      each.container === null ? hasStopped || isMutual(each) : isMutual(each) && found.isLocked && each.isDeclared;
    const inTheWay = writers.filter((each) => !isLetBe(each));
    const [first] = inTheWay;
    if (!first) return;
    const outside = hasStopped ? undefined : inTheWay.find((each) => !isMutual(each));
    if (outside) throw new RetryableError('VOLUME_IN_USE', wordsOf(outside, found));
    const turn = turnOfExchange(world, steps, found);
    if (turn !== 'go') throw new RetryableError(turn === 'obstacle' ? 'VOLUME_IN_USE' : 'VOLUME_COMING', wordsOf(first, found));
  };
}

function wordsOf(writer: LeavingWriter, { stuck }: Moves): string {
  return `${stillWrittenMessage(writer)}${writer.isDeclared && stuck !== null ? `; ${stuck}` : ''}`;
}

/** Where nothing stops for a rollout, the first of an exchange starts beside the others: nobody could ever go on otherwise. */
function turnOfExchange({ record, containers, now }: Pick<World, 'record' | 'containers' | 'now'>, steps: readonly Step[], moves: Moves) {
  const startsBeside =
    record?.value.rollout?.strategy === 'start-first' && moves.givesWay && moves.departures.every((each) => each === 'prepared');
  return startsBeside ? 'go' : turnOf({ ...moves, containers, steps, now });
}
