import type { Bus } from '@kedge/shared/bus';
import { RetryableError } from '@kedge/shared/kernel';

/**
 * Asked right before anything is stopped or removed: nothing is destroyed by an instance that cannot know whether another one took over.
 * It throws RetryableError STANDING_BY then.
 */
export type DestructionGuard = () => void;

/** Costs nothing: neither bus nor engine is asked. */
export function createDestructionGuard({ bus, mayAct }: { readonly bus: Bus; readonly mayAct: () => boolean }): DestructionGuard {
  return function assertMayDestroy() {
    if (mayAct() && bus.isConnected()) return;
    throw new RetryableError('STANDING_BY', 'the bus is away or another reconciler took over; nothing is stopped or removed');
  };
}

/** Two heartbeats of the proxies must have had the chance to arrive before anything is stopped or removed. */
const hearingMs = 10_000;

/** Whether they had it: false for the first 10 s after a connection, too. */
export function hasHeardProxies(bus: Pick<Bus, 'isConnected' | 'connectedForMs'>): boolean {
  return bus.isConnected() && bus.connectedForMs() >= hearingMs;
}
