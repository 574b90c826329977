import type { PlanReply, ServiceName } from '@kedge/shared/contracts';
import { nameList, nearest, TerminalError } from '@kedge/shared/kernel';
import type { ForeignContainer } from './describe-plan.ts';

/**
 * Which services shall take the place of containers that Kedge did not make: those that were named, or with none named all of them.
 * @throws {TerminalError} NOTHING_TO_ADOPT for one that no such container stands in the way of
 */
export function chooseAdoptions(foreign: readonly ForeignContainer[], named: readonly ServiceName[]): ServiceName[] {
  const blocked = [...new Set(foreign.map(({ service }) => service))];
  for (const service of named) {
    if (blocked.includes(service)) continue;
    const near = nearest(service, blocked);
    const others = blocked.length === 0 ? 'nor of any other service' : `only of ${nameList(blocked)}`;
    const hint = near === null ? others : `did you mean "${near}"?`;
    throw new TerminalError('NOTHING_TO_ADOPT', `no container that Kedge did not make stands in the way of "${service}"; ${hint}`);
  }
  return named.length === 0 ? blocked : blocked.filter((service) => named.includes(service));
}

/** The services that cannot come before somebody makes room: waiting for them would only take long. */
export function blockedServices({ foreign = [] }: Pick<PlanReply, 'foreign'>, adopted: readonly ServiceName[]): ServiceName[] {
  return [...new Set(foreign.map(({ service }) => service))].filter((service) => !adopted.includes(service));
}
