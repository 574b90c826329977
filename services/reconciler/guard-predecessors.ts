import { RetryableError } from '@kedge/shared/kernel';
import { takesOver } from './core/exchange.ts';
import { makesRoom } from './core/plan-arrival.ts';
import { predecessorMessage } from './core/predecessors.ts';
import type { Step } from './core/step.ts';
import type { MoveFinder } from './find-moves.ts';
import type { Making } from './make-container.ts';
import type { World } from './observe-service.ts';

interface GuardPorts {
  readonly moves: Pick<MoveFinder, 'predecessors'>;
}

/**
 * Asked before anything is stopped or started: what must not run beside another is not started while a service still runs that is declared no
 * more and has its route, or may have had it, and nothing is where one comes back, before it leaves, to the same route, port or volume. It
 * rejects with RetryableError ROUTE_MOVING, PORT_MOVING or VOLUME_IN_USE. Who runs under the service's own name is not asked.
 */
export type PredecessorGuard = (
  world: Pick<World, 'service' | 'manifest' | 'record'>,
  intent: { readonly making: Pick<Making, 'spec' | 'digest'>; readonly steps: readonly Step[] },
) => Promise<void>;

/** Asks store and engine each time afresh. */
export function createPredecessorGuard({ moves }: GuardPorts): PredecessorGuard {
  return async function assertPredecessorsGone(world, { making, steps }) {
    const endsOrStarts = steps.some((step) => step.kind === 'start' || makesRoom(step));
    const { value = null } = world.record ?? {};
    // What comes back after it was gone may have lost its place meanwhile.
    const comesBack = value?.comingUp !== undefined && value.serving !== null;
    if (!endsOrStarts || !(takesOver(value) || comesBack)) return;
    const [first] = await moves.predecessors(world, making);
    if (first) throw new RetryableError(first.code, predecessorMessage(first));
  };
}
