import type { Configuration } from '@kedge/config';
import type { NodeName, ServiceEntry, ServiceName } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import { findBy, findByName } from './find-by-name.ts';
import { type Baseline, keepFingerprints } from './keep-fingerprints.ts';
import { bareTree, growTree, type RevisionTree } from './revision-tree.ts';
import { sameValue } from './same-value.ts';

/** What one pass hands to the next. */
export interface Memory {
  readonly baseline: Baseline;
  /** In the order of the services. Like the tree it spares work, and changes nothing that comes out. */
  readonly made: readonly Made[];
  /** What the revision says of them. */
  readonly tree: RevisionTree;
  /** The newest revision in force that our own folder said; null before there was one. */
  readonly inForce: string | null;
}

/** A service as it was declared, and what was made of it: fingerprints of a lost key may have been kept. */
interface Made {
  readonly name: ServiceName;
  readonly declared: Configuration['services'][number];
  readonly entry: ServiceEntry;
}

interface Wish {
  readonly node: NodeName;
  readonly services: Configuration['services'];
  /** In any order, and fastest in that of the services. */
  readonly stored: readonly StoredSpec[];
  readonly memory: Memory;
}

/** A spec as the store has it. */
interface StoredSpec {
  readonly value: ServiceEntry;
}

interface Wished {
  /** The entries that are not the very stored ones, and where they stand; some may be equal to what is stored. */
  readonly remade: readonly { readonly entry: ServiceEntry; readonly place: number }[];
  /** It has all entries. */
  readonly memory: Memory;
}

/** Of the first pass. */
export const noMemory: Memory = { baseline: new Map(), made: [], tree: bareTree, inForce: null };

/** What KV should hold of each service. What is declared and stored as it was in the last pass is not hashed again, nor looked into while it is the very same value. */
export function wishEntries({ node, services, stored, memory }: Wish): Wished {
  const lastOf = findByName(memory.made);
  const storedOf = findBy(stored, nameOf);
  const seen: (readonly [string, string])[] = [];
  const remade: Wished['remade'][number][] = [];

  function follow(declared: Made['declared'], place: number): Made {
    const last = memory.made[place];
    // Thousands are the very same values as before, at the same places.
    return last?.declared === declared && last.entry === stored[place]?.value ? last : make(declared, place);
  }

  function make(declared: Made['declared'], place: number): Made {
    const { name, folder: path, spec } = declared;
    const before = storedOf(name, place)?.value;
    const last = lastOf(name, place);
    if (before?.path === path && last && sameValue(last.declared.spec, spec) && sameValue(last.entry, before)) {
      return { name, declared, entry: before };
    }
    const kept = keepFingerprints(spec, { stored: before?.spec, baseline: memory.baseline });
    seen.push(...kept.seen);
    const hash = before && sameValue(before.spec, kept.spec) ? before.hash : hashJson(kept.spec);
    const entry = { node, spec: kept.spec, hash, path };
    remade.push({ entry, place });
    return { name, declared, entry };
  }

  const made = services.map(follow);
  const baseline = seen.length > 0 ? new Map([...memory.baseline, ...seen]) : memory.baseline;
  return { remade, memory: { ...memory, baseline, made, tree: treeOf(made, memory) } };
}

/** Follows what is not as the last pass left it. */
function treeOf(made: readonly Made[], last: Memory): RevisionTree {
  const [lastOf, madeOf] = [findByName(last.made), findByName(made)];
  const others = made.filter((each, place) => each !== last.made[place] && !saysTheSame(each.entry, lastOf(each.name, place)?.entry));
  const come = others.map(({ entry }) => entry);
  const gone = last.made.filter((each, place) => each !== made[place] && !madeOf(each.name, place)).map(({ name }) => name);
  return come.length + gone.length === 0 ? last.tree : growTree(last.tree, { gone, come });
}

function saysTheSame(one: ServiceEntry, other: ServiceEntry | undefined): boolean {
  return one === other || (one.hash === other?.hash && one.path === other.path);
}

/** The service that a stored spec is of. */
export function nameOf({ value }: StoredSpec): ServiceName {
  return value.spec.service.name;
}
