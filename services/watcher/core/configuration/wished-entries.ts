import type { Configuration } from '@kedge/config';
import type { NodeName, ServiceEntry, ServiceSpec } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import { type Baseline, keepFingerprints } from './keep-fingerprints.ts';
import { sameValue } from './same-value.ts';

/** What one pass hands to the next. */
export interface Memory {
  readonly baseline: Baseline;
  /** By service name: spares work, and changes nothing that comes out. */
  readonly made: ReadonlyMap<string, Made>;
}

/** A spec as it was declared, and what was made of it: fingerprints of a lost key may have been kept. */
interface Made {
  readonly declared: ServiceSpec;
  readonly entry: ServiceEntry;
}

interface Wished {
  readonly node: NodeName;
  readonly services: Configuration['services'];
  /** By service name. */
  readonly stored: ReadonlyMap<string, { readonly value: ServiceEntry }>;
  readonly memory: Memory;
}

/** Of the first pass. */
export const noMemory: Memory = { baseline: new Map(), made: new Map() };

/** What KV should hold of each service. What is declared and stored as it was in the last pass is not hashed again, nor walked while it is the very same value. */
export function wishEntries({ node, services, stored, memory }: Wished): {
  readonly entries: readonly ServiceEntry[];
  readonly memory: Memory;
} {
  const seen: (readonly [string, string])[] = [];

  function make({ name, folder: path, spec }: Configuration['services'][number]): ServiceEntry {
    const before = stored.get(name)?.value;
    const last = memory.made.get(name);
    if (before?.path === path && last && sameValue(last.declared, spec) && sameValue(last.entry, before)) return before;
    const kept = keepFingerprints(spec, { stored: before?.spec, baseline: memory.baseline });
    seen.push(...kept.seen);
    const hash = before && sameValue(before.spec, kept.spec) ? before.hash : hashJson(kept.spec);
    return { node, spec: kept.spec, hash, path };
  }

  const made = new Map(services.map((service) => [service.name, { declared: service.spec, entry: make(service) }]));
  return {
    entries: [...made.values()].map(({ entry }) => entry),
    memory: { baseline: seen.length > 0 ? new Map([...memory.baseline, ...seen]) : memory.baseline, made },
  };
}
