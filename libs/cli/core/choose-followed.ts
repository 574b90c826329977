import type { PlanReply, ServiceName } from '@kedge/shared/contracts';
import type { FoundChanges } from '../find-config-changes.ts';
import { waitedFor } from './waited-for.ts';

/**
 * The services that a reload is about: those that it changed; of those that changed shortly before, the ones that are still on their way; and
 * what waits for any of them. Where it changed nothing, those that changed before, and where nobody knows of a change, all that are to change.
 */
export function chooseFollowed({ own, earlier }: FoundChanges, { changes }: Pick<PlanReply, 'changes'>): readonly ServiceName[] {
  if (own.length + earlier.length === 0) return changes.map(({ service }) => service);
  const onTheirWay = changes.flatMap(({ service, problem }) => (problem ? [] : [service]));
  const before = earlier.flatMap(changedServices).filter((service) => own.length === 0 || onTheirWay.includes(service));
  return withWaiters(new Set([...own.flatMap(changedServices), ...before]), changes);
}

function changedServices({ removed, changed, added }: FoundChanges['own'][number]): readonly ServiceName[] {
  return [...removed, ...changed, ...added];
}

/** What waits for one of them may be waited for itself. */
function withWaiters(services: ReadonlySet<ServiceName>, changes: PlanReply['changes']): readonly ServiceName[] {
  const names: ReadonlySet<string> = services;
  const waiting = changes.filter(({ service, problem }) => !names.has(service) && names.has(waitedFor(problem)?.service ?? ''));
  if (waiting.length === 0) return [...services];
  return withWaiters(new Set([...services, ...waiting.map(({ service }) => service)]), changes);
}
