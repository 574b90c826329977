import type { ServiceName, Target } from '@kedge/shared/contracts';
import { afterFailure, afterSuccess, blameless, type EjectionPlan, isPanic, type Standing } from './core/ejection.ts';

/** A target that is left out from now on. */
export interface Ejected {
  readonly service: ServiceName;
  readonly target: Target;
  readonly reason: string;
  /** In a row. */
  readonly failures: number;
}

interface Candidates {
  readonly ready: readonly Target[];
  readonly plan: EjectionPlan | null;
}

/** Targets that are left out for a while because they fail, although they can be connected to. */
export interface Ejections {
  /** One more failure of a target, by the plan of its service. */
  failed(failure: Omit<Ejected, 'failures'>, plan: EjectionPlan): void;
  succeeded(service: ServiceName, target: string): void;
  /** What a check found out; `failures` in a row. */
  checked(found: Omit<Ejected, 'reason'> & { readonly isWell: boolean; readonly reason: string }): void;
  /** Those of a service that are left out now; null for none, and where too few would be left. */
  among(service: ServiceName, candidates: Candidates): ReadonlySet<string> | null;
  /** Whether a target is left out now, where enough others are left. */
  isOut(service: ServiceName, target: string): boolean;
  /** Called when a target does well again by its checks. */
  onTakenAgain(listener: (taken: Pick<Ejected, 'service' | 'target'>) => void): void;
  /** Called once each time when a target is left out. */
  onEjected(listener: (ejected: Ejected) => void): void;
  /** Only these targets are in service: of others nothing is remembered. */
  keepOnly(targets: ReadonlySet<string>): void;
}

/** Where only a check leaves targets out: all of them may be ill, and then they are asked all the same. */
const unlessNobodyIsLeft = 0;

/** `now` is monotonic, in milliseconds. Without anybody who fails it holds nothing. A target of two services has a name with each. */
export function createEjections(now: () => number): Ejections {
  const ofServices = new Map<ServiceName, Books>();
  const listeners: ((ejected: Ejected) => void)[] = [];
  const takenListeners: ((taken: Pick<Ejected, 'service' | 'target'>) => void)[] = [];
  const tell = (ejected: Ejected) => {
    for (const listener of listeners) listener(ejected);
  };

  function booksOf(service: ServiceName): Books {
    const known = ofServices.get(service) ?? { standings: new Map<string, Standing>(), ill: new Set<string>() };
    ofServices.set(service, known);
    return known;
  }

  return {
    failed(failure, plan) {
      const { standings } = booksOf(failure.service);
      const { id } = failure.target;
      const before = standings.get(id) ?? blameless;
      const after = afterFailure(before, plan, now());
      standings.set(id, after);
      if (after.untilMs !== before.untilMs) tell({ ...failure, failures: after.streak });
    },
    succeeded(service, target) {
      const standings = ofServices.get(service)?.standings;
      const before = standings?.get(target);
      if (before && afterSuccess(before, now()) === null) standings?.delete(target);
    },
    checked({ isWell, ...found }) {
      const { ill } = booksOf(found.service);
      const { id } = found.target;
      if (isWell) {
        if (ill.delete(id)) for (const listener of takenListeners) listener(found);
      } else if (!ill.has(id)) {
        ill.add(id);
        tell(found);
      }
    },
    among(service, { ready, plan }) {
      const books = ofServices.get(service);
      if (!books || books.standings.size + books.ill.size === 0) return null;
      const nowMs = now();
      const out = ready.map(({ id }) => id).filter((id) => isOutOf(books, id, nowMs));
      const panicPercent = plan?.panicPercent ?? unlessNobodyIsLeft;
      if (out.length === 0 || isPanic({ all: ready.length, left: ready.length - out.length, panicPercent })) return null;
      return new Set(out);
    },
    isOut(service, target) {
      const books = ofServices.get(service);
      return books !== undefined && isOutOf(books, target, now());
    },
    onTakenAgain: (listener) => void takenListeners.push(listener),
    onEjected: (listener) => void listeners.push(listener),
    keepOnly(targets) {
      for (const [service, { standings, ill }] of ofServices) {
        for (const id of standings.keys()) if (!targets.has(id)) standings.delete(id);
        for (const id of ill) if (!targets.has(id)) ill.delete(id);
        if (standings.size + ill.size === 0) ofServices.delete(service);
      }
    },
  };
}

function isOutOf({ ill, standings }: Books, id: string, nowMs: number): boolean {
  return ill.has(id) || nowMs < (standings.get(id)?.untilMs ?? 0);
}

/** What is remembered of the targets of one service. */
interface Books {
  readonly standings: Map<string, Standing>;
  /** By what its checks say. */
  readonly ill: Set<string>;
}
