import { type ConfigManifest, manifestKey, type NodeName, rejectionKey, type ServiceEntry } from '@kedge/shared/contracts';
import type { StoredConfiguration } from './plan-writes.ts';
import { isStagedKey } from './staged-specs.ts';

/** A value as the store has it. */
export interface StoredEntry<Value> {
  readonly key: string;
  readonly value: Value;
  readonly revision: number;
  readonly writtenAt: Date;
}

/** The configuration of one node, as entries that can be written again. */
export interface SortedEntries extends StoredConfiguration {
  readonly manifest: StoredEntry<ConfigManifest> | null;
  readonly services: readonly StoredEntry<ServiceEntry>[];
  readonly staged: ReadonlyMap<string, StoredEntry<ServiceEntry>>;
  readonly rejection: StoredEntry<ConfigManifest> | null;
}

/** Sorts what the bucket holds: the manifest of `node`, its specs, those that wait by key, and what is remembered of a rejection. Other nodes are left out. */
export function sortEntries(node: NodeName, stored: ReadonlyMap<string, StoredEntry<ServiceEntry | ConfigManifest>>): SortedEntries {
  const own = [...stored.values()].filter(({ key }) => key.startsWith(`${node}.`));
  const specs = own.filter(isSpec);
  const [waiting, placed] = [specs.filter(({ key }) => isStagedKey(key)), specs.filter(({ key }) => !isStagedKey(key))];
  const manifests = own.filter(isManifest);
  return {
    manifest: manifests.find(({ key }) => key === manifestKey(node)) ?? null,
    rejection: manifests.find(({ key }) => key === rejectionKey(node)) ?? null,
    services: placed,
    staged: new Map(waiting.map((entry) => [entry.key, entry])),
  };
}

function isSpec(entry: StoredEntry<ServiceEntry | ConfigManifest>): entry is StoredEntry<ServiceEntry> {
  return 'spec' in entry.value;
}

function isManifest(entry: StoredEntry<ServiceEntry | ConfigManifest>): entry is StoredEntry<ConfigManifest> {
  return !isSpec(entry);
}
