import type { Instant, ServiceName } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { containerName } from './container-name.ts';
import { slotOf } from './sort-containers.ts';

interface Start {
  readonly service: ServiceName;
  readonly instant: Instant;
  /** Another one for each start that is asked for. */
  readonly attempt: string;
}

/**
 * The name of a job's container from when a run takes it until it was seen started, good for one start: a start under it that arrives late,
 * after another reconciler took the container, finds no such name, and the engine does nothing.
 */
export function runName({ service, instant, attempt }: Start): string {
  return `${service}.${instant.replaceAll(/[^\dTZ]/g, '')}.${attempt}`;
}

/** The container has a name of `runName`. */
function isRunName(service: ServiceName, name: string): boolean {
  return name.startsWith(`${service}.`) && /^\d{8}T\d+Z\.[^.]+$/.test(name.slice(service.length + 1));
}

interface Named {
  readonly service: ServiceName;
  readonly containers: readonly ObservedContainer[];
  /** A container of somebody else has the service's name. */
  readonly nameIsForeign: boolean;
}

/** What was started gets the service's name, by which people look for it, or else the one that it was made with; null when it has one. */
export function planNameBack({ service, containers, nameIsForeign }: Named): { readonly id: string; readonly name: string } | null {
  const taken = new Set(containers.map(({ name }) => name));
  const named = containers.find(({ name, state }) => isRunName(service, name) && state !== 'removing');
  if (!named) return null;
  const made = named.kedge ? [containerName({ service, release: named.kedge.release, slot: slotOf(named) })] : [];
  const name = [...(nameIsForeign ? [] : [service]), ...made].find((each) => !taken.has(each));
  return name === undefined ? null : { id: named.id, name };
}
