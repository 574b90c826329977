import type { Revision, ServiceName } from '@kedge/shared/contracts';
import type { KnownEndpoints } from './adopt-endpoints.ts';

/** A target that gets no new requests any more: it drains, or it was taken away. */
export interface LeavingTarget {
  readonly id: string;
  readonly service: ServiceName;
  /** The revision of the endpoints that took it out of service. */
  readonly revision: Revision;
  /** Still named by the endpoints. */
  readonly listed: boolean;
}

/** What this proxy has already told the world. */
export interface Told {
  /** For each service: the content revision whose `routes.applied` was said. */
  readonly applied: ReadonlyMap<ServiceName, Revision>;
  /** Leaving targets whose `target.drained` was said. */
  readonly drained: ReadonlySet<string>;
}

/** The proofs of the next record, and what there is to say about them. */
export interface Report {
  readonly applied: Readonly<Record<string, Revision>>;
  readonly open: Readonly<Record<string, number>>;
  readonly newlyApplied: readonly { readonly service: ServiceName; readonly revision: Revision; readonly contentRevision: Revision }[];
  readonly newlyDrained: readonly LeavingTarget[];
}

interface ReportFacts {
  readonly known: KnownEndpoints | null;
  readonly leaving: readonly LeavingTarget[];
  readonly openOf: (target: string) => number;
  readonly told: Told;
}

/**
 * Draws up what the record of this proxy must say. `open` holds every draining target, 0 included because that is the proof, and those
 * taken away that still have requests. A service without endpoints is missing from `applied`: that is the proof of its removal.
 */
export function planReport({ known, leaving, openOf, told }: ReportFacts): Report {
  const services = [...(known?.services ?? [])];
  const shown = leaving.filter(({ id, listed }) => listed || openOf(id) > 0);
  return {
    applied: Object.fromEntries(services.map(([name, { revision }]) => [name, revision])),
    open: Object.fromEntries(shown.map(({ id }) => [id, openOf(id)])),
    newlyApplied: services
      .filter(([name, { contentRevision }]) => told.applied.get(name) !== contentRevision)
      .map(([service, { revision, contentRevision }]) => ({ service, revision, contentRevision })),
    newlyDrained: leaving.filter(({ id }) => openOf(id) === 0 && !told.drained.has(id)),
  };
}

interface Replacing {
  /** Those that had left before. */
  readonly before: readonly LeavingTarget[];
  readonly known: KnownEndpoints | null;
  readonly next: KnownEndpoints;
}

/**
 * The targets that leave after `next` replaced `known`: all that drain, those that `next` names no longer, and of the ones that had left
 * before those that did not come back.
 */
export function leavingTargets({ before, known, next }: Replacing): LeavingTarget[] {
  const listed = new Set<string>();
  const leaving = new Map<string, LeavingTarget>();
  for (const [service, { entry, contentRevision }] of next.services) {
    for (const { id, state } of entry.targets) {
      listed.add(id);
      if (state === 'draining') leaving.set(id, { id, service, revision: contentRevision, listed: true });
    }
  }
  for (const target of before) if (!listed.has(target.id)) leaving.set(target.id, { ...target, listed: false });
  for (const [service, { entry, revision }] of known?.services ?? []) {
    const contentRevision = next.services.get(service)?.contentRevision ?? revision;
    for (const { id } of entry.targets) {
      if (!listed.has(id) && !leaving.has(id)) leaving.set(id, { id, service, revision: contentRevision, listed: false });
    }
  }
  return [...leaving.values()];
}
