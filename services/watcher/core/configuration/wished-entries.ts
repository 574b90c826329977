import type { Configuration } from '@kedge/config';
import type { NodeName, ServiceEntry, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import { findByName } from './find-by-name.ts';
import { type Baseline, keepFingerprints } from './keep-fingerprints.ts';
import { bareTree, growTree, type RevisionTree } from './revision-tree.ts';
import { sameValue } from './same-value.ts';

/** What one pass hands to the next. */
export interface Memory {
  readonly baseline: Baseline;
  /** In the order of the services: spares work, and changes nothing that comes out. */
  readonly made: readonly Made[];
  /** What the revision says of them. */
  readonly tree: RevisionTree;
}

/** A spec as it was declared, and what was made of it: fingerprints of a lost key may have been kept. */
interface Made {
  readonly name: ServiceName;
  readonly declared: ServiceSpec;
  readonly entry: ServiceEntry;
}

interface Wish {
  readonly node: NodeName;
  readonly services: Configuration['services'];
  /** By service name. */
  readonly stored: ReadonlyMap<string, { readonly value: ServiceEntry }>;
  readonly memory: Memory;
}

interface Wished {
  /** The entries that are not the very stored ones; some may be equal to what is stored. */
  readonly remade: readonly ServiceEntry[];
  /** It has all entries. */
  readonly memory: Memory;
}

/** Of the first pass. */
export const noMemory: Memory = { baseline: new Map(), made: [], tree: bareTree };

/** What KV should hold of each service. What is declared and stored as it was in the last pass is not hashed again, nor walked while it is the very same value. */
export function wishEntries({ node, services, stored, memory }: Wish): Wished {
  const lastOf = findByName(memory.made);
  const seen: (readonly [string, string])[] = [];
  const remade: ServiceEntry[] = [];

  function make({ name, folder: path, spec }: Configuration['services'][number], index: number): Made {
    const before = stored.get(name)?.value;
    const last = lastOf(name, index);
    if (before?.path === path && last && sameValue(last.declared, spec) && sameValue(last.entry, before)) {
      return last.declared === spec && last.entry === before ? last : { ...last, declared: spec, entry: before };
    }
    const kept = keepFingerprints(spec, { stored: before?.spec, baseline: memory.baseline });
    seen.push(...kept.seen);
    const hash = before && sameValue(before.spec, kept.spec) ? before.hash : hashJson(kept.spec);
    const entry = { node, spec: kept.spec, hash, path };
    remade.push(entry);
    return { name, declared: spec, entry };
  }

  const made = services.map(make);
  const baseline = seen.length > 0 ? new Map([...memory.baseline, ...seen]) : memory.baseline;
  return { remade, memory: { baseline, made, tree: treeOf(made, memory) } };
}

/** Follows what is not as the last pass left it. */
function treeOf(made: readonly Made[], last: Memory): RevisionTree {
  const [lastOf, madeOf] = [findByName(last.made), findByName(made)];
  const come = made.filter((each, place) => !saysTheSame(each.entry, lastOf(each.name, place)?.entry)).map(({ entry }) => entry);
  const gone = last.made.filter(({ name }, place) => !madeOf(name, place)).map(({ name }) => name);
  return come.length + gone.length === 0 ? last.tree : growTree(last.tree, { gone, come });
}

function saysTheSame(one: ServiceEntry, other: ServiceEntry | undefined): boolean {
  return one === other || (one.hash === other?.hash && one.path === other.path);
}
