import type { EndpointsEntry, ProxySettings, Revision, ServiceName } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';

/** The endpoints of one service as this proxy holds them. */
export interface KnownService {
  readonly entry: EndpointsEntry;
  /** The entry's revision in the store. */
  readonly revision: Revision;
  /** The revision at which something that matters to requests last changed. */
  readonly contentRevision: Revision;
}

/** Everything that routes are built from. */
export interface KnownEndpoints {
  /** Which life of the store it was read from; revisions compare only within one. */
  readonly epoch: string;
  readonly services: ReadonlyMap<ServiceName, KnownService>;
  readonly settings: ProxySettings;
}

/** What one full read of the store found. */
export interface ObservedEndpoints {
  readonly epoch: string;
  readonly services: ReadonlyMap<ServiceName, { readonly entry: EndpointsEntry; readonly revision: Revision }>;
  /** Services whose entry is there but cannot be read, for example because a newer version wrote it. */
  readonly unreadable: ReadonlySet<string>;
  readonly settings: ProxySettings;
}

interface Adopting {
  /** What was served until now; null at first. */
  readonly known: KnownEndpoints | null;
  readonly observed: ObservedEndpoints;
  /** Orphans have been served for long enough. */
  readonly orphansExpired: boolean;
}

/** What the proxy goes on with, and whether requests will notice. */
export interface Adoption {
  readonly next: KnownEndpoints;
  readonly changed: boolean;
  /** An entry was written once more, or all of them anew: who has a contested place may be another. */
  readonly moved: boolean;
  /** Services that are served from before the store was lost, because nobody has declared them again yet. */
  readonly orphans: readonly ServiceName[];
}

/**
 * Decides what to serve after a full read. A service that vanished from the same store is gone; one whose entry cannot be read stays as it
 * was, and so never counts as applied anew. A store that was lost and made anew
 * (another epoch) is no statement about services it does not name yet: they stay as they were until `orphansExpired`.
 */
export function adoptEndpoints({ known, observed, orphansExpired }: Adopting): Adoption {
  const services = new Map<ServiceName, KnownService>();
  let changed = known === null || !sameJson(known.settings, observed.settings);
  let moved = known?.epoch !== observed.epoch;
  for (const [name, { entry: read, revision }] of observed.services) {
    const before = known?.services.get(name);
    const entry = before ? withKnownRules(read, before.entry) : read;
    moved ||= before?.revision !== revision;
    const same = before !== undefined && isSame(before, { entry, revision });
    services.set(name, { entry, revision, contentRevision: same ? before.contentRevision : revision });
    changed ||= !same;
  }
  const orphans: ServiceName[] = [];
  for (const [name, service] of known?.services ?? []) {
    if (services.has(name)) continue;
    if (observed.unreadable.has(name)) {
      services.set(name, service);
      continue;
    }
    if (epochOf(service.revision) === observed.epoch || orphansExpired) {
      changed = true;
    } else {
      services.set(name, service);
      orphans.push(name);
    }
  }
  return { next: { epoch: observed.epoch, services, settings: observed.settings }, changed, moved: moved || changed, orphans };
}

/** The entry with those rules that it had before as the same values: they are compiled once. */
function withKnownRules(entry: EndpointsEntry, before: EndpointsEntry): EndpointsEntry {
  if (!entry.ruled || !before.ruled) return entry;
  const known = new Map(before.ruled.map(({ rules }) => [JSON.stringify(rules), rules]));
  return { ...entry, ruled: entry.ruled.map(({ places, rules }) => ({ places, rules: known.get(JSON.stringify(rules)) ?? rules })) };
}

/** `<bucket creation>` of a revision. */
export function epochOf(revision: Revision): string {
  return revision.slice(0, revision.lastIndexOf('.'));
}

/** Whether requests notice no difference. At the same revision they may: a version that did not know all of the entry may have saved it. */
function isSame(before: KnownService, { entry, revision }: Omit<KnownService, 'contentRevision'>): boolean {
  return epochOf(before.revision) === epochOf(revision) && sameJson(matters(before.entry), matters(entry));
}

/** The part of an entry that requests notice. */
function matters({ routes, ruled = [], ports = [], balancing = {}, shares = [], targets, hold = false }: EndpointsEntry): unknown {
  return { routes, ruled, ports, balancing, shares, targets, hold };
}
