import type { DataOf, PlanReply, ServiceName } from '@kedge/shared/contracts';
import { needsPerson } from './hopeless-obstacle.ts';
import { waitedFor } from './waited-for.ts';

/** The services that a revision added, changed and removed. */
export type ConfigChange = DataOf<'config.changed'>;

/** Oldest first; none where nothing changed. */
export interface FoundChanges {
  /** What the reload changed. */
  readonly own: readonly ConfigChange[];
  /** What came into force by itself shortly before. */
  readonly earlier: readonly ConfigChange[];
}

/**
 * The services that a reload is about: those that it changed; of those that changed shortly before, the ones that are still on their way; and
 * what waits for any of them. Where it changed nothing, those that changed before, and where nobody knows of a change, all that are to change.
 */
export function chooseFollowed({ own, earlier }: FoundChanges, { changes }: Pick<PlanReply, 'changes'>): readonly ServiceName[] {
  if (own.length + earlier.length === 0) return changes.map(({ service }) => service);
  const stuck = withWaiters(
    new Set(changes.flatMap(({ service, problem }) => (problem && needsPerson(problem) ? [service] : []))),
    changes,
  );
  const isOnItsWay = (name: ServiceName) => !stuck.includes(name) && changes.some(({ service }) => service === name);
  const before = earlier.flatMap(changedServices).filter((service) => own.length === 0 || isOnItsWay(service));
  return withWaiters(new Set([...own.flatMap(changedServices), ...before]), changes);
}

function changedServices({ removed, changed, added }: ConfigChange): readonly ServiceName[] {
  return [...removed, ...changed, ...added];
}

/** What waits for one of them may be waited for itself. */
function withWaiters(services: ReadonlySet<ServiceName>, changes: PlanReply['changes']): readonly ServiceName[] {
  const names: ReadonlySet<string> = services;
  const waiting = changes.filter(({ service, problem }) => !names.has(service) && names.has(waitedFor(problem)?.service ?? ''));
  if (waiting.length === 0) return [...services];
  return withWaiters(new Set([...services, ...waiting.map(({ service }) => service)]), changes);
}
