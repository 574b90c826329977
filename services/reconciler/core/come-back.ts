import type { ReleaseRecord, ServiceSpec } from '@kedge/shared/contracts';
import { runsOnce } from './purpose.ts';

interface ComeBack {
  /** What is declared now; null: nothing is. */
  readonly spec: ServiceSpec | null;
  /** Nothing newer is to take the place of what serves. */
  readonly isWanted: boolean;
  /** What served comes up before anything newer takes its place. */
  readonly comesFirst: boolean;
  /** A container of it is up. */
  readonly runs: boolean;
  /** Since when it comes back. */
  readonly since: string;
}

/** The record of a service that leaves, or was taken down, once the same is declared again: it remembers what served. */
export function comeBack(before: ReleaseRecord, { spec, isWanted, comesFirst, runs, since }: ComeBack): ReleaseRecord {
  const {
    leavingSince: _leavingSince,
    takenDown: _takenDown,
    leftRunning = false,
    leftContainers: _containers,
    leftRelease: _release,
    waiting: _waiting,
    ...record
  } = before;
  const { serving } = record;
  if (!spec || !comesFirst || !runsAgain(spec, leftRunning)) return record;
  if (!serving) return runsOnce(spec) && record.rollout === null ? anew(record) : record;
  // What runs once is judged anew, like a first start; but while something newer may fail, or is barred, what served is not forgotten.
  const isAnew = runsOnce(spec) && isWanted && !runs;
  return { ...(isAnew ? anew(record) : record), comingUp: { release: serving.release, since } };
}

/** Like a first start: what failed before is no reason not to try. */
function anew({ last, ...record }: ReleaseRecord): ReleaseRecord {
  return { ...record, serving: null, requested: { causationid: 'node.requested' }, ...(last && last.outcome !== 'failed' ? { last } : {}) };
}

/**
 * What runs once runs again, whether it had ended or not: that is what others wait for. What only a trigger or its schedule starts stays
 * ended.
 */
function runsAgain(spec: ServiceSpec, leftRunning: boolean): boolean {
  if (runsOnce(spec)) return leftRunning || spec.dispenser.initialize !== 'on-trigger';
  return (spec.service.restart ?? 'no') !== 'no';
}
