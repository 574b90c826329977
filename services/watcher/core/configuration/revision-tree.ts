import type { ConfigManifest, ServiceEntry, ServiceName } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';

/** What a revision says of the services: hashes of hashes, so that one that changes costs its branch and the root, however many there are. */
export type RevisionTree = readonly Branch[];

interface Branch {
  /** In the order of their names. */
  readonly leaves: readonly Leaf[];
  readonly hash: string;
}

type Leaf = readonly [name: string, path: string, hash: string];

/** Of which services the tree says something else than before. */
interface Growth {
  readonly gone: readonly ServiceName[];
  /** New, or with another hash or folder. */
  readonly come: readonly ServiceEntry[];
}

/** About the root of how many services there may be: neither a branch nor the root is long. */
const branchCount = 64;
const bare: Branch = { leaves: [], hash: '' };

/** Says nothing of any service. */
export const bareTree: RevisionTree = Array.from({ length: branchCount }, () => bare);

/** Grows a tree; it is the same one however it came to its leaves. Branches that nothing touched stay the very same values. */
export function growTree(tree: RevisionTree, { gone, come }: Growth): RevisionTree {
  const leaves = come.map(({ spec, path, hash }): Leaf => [spec.service.name, path, hash]);
  const over = new Set<string>([...gone, ...leaves.map(([name]) => name)]);
  const coming = Map.groupBy(leaves, ([name]) => branchOf(name));
  const grown = [...tree];
  for (const place of new Set([...over].map(branchOf))) {
    const kept = (tree[place] ?? bare).leaves.filter(([name]) => !over.has(name));
    grown[place] = branchWith([...kept, ...(coming.get(place) ?? [])].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }
  return grown;
}

type Content = Pick<ConfigManifest, 'entry' | 'delay' | 'networks' | 'proxy'> & { readonly tree: RevisionTree };

/** The name of a configuration by its content. */
export function revisionOf({ tree, ...head }: Content): string {
  return hashJson({ ...head, services: tree.map(({ hash }) => hash) });
}

function branchWith(leaves: readonly Leaf[]): Branch {
  return leaves.length === 0 ? bare : { leaves, hash: hashJson(leaves) };
}

/** FNV-1a over the UTF-16 units of the name: the same in every process. */
function branchOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % branchCount;
}
