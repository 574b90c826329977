import type { ConfigManifest, ServiceEntry } from '@kedge/shared/contracts';
import type { SortedEntries, StoredEntry } from './sort-entries.ts';

interface Writes {
  /** As it stands afterwards. */
  readonly manifest: StoredEntry<ConfigManifest> | null;
  readonly written: readonly StoredEntry<ServiceEntry>[];
  /** Keys that are not there any more. */
  readonly gone: ReadonlySet<string>;
}

/**
 * What the store holds after writes that all succeeded, so that the next pass need not read it. Null when that is not exactly what the
 * manifest names: then somebody else wrote too.
 */
export function afterWrites(stored: SortedEntries, { manifest, written, gone }: Writes): SortedEntries | null {
  const services = new Map(gone.size === 0 ? stored.services : [...stored.services].filter(([, { key }]) => !gone.has(key)));
  for (const entry of written) services.set(entry.value.spec.service.name, entry);
  const staged = new Map([...stored.staged].filter(([key]) => !gone.has(key)));
  const rejection = stored.rejection && !gone.has(stored.rejection.key) ? stored.rejection : null;
  return manifest && staged.size === 0 && isNamedBy(manifest.value, services) ? { manifest, services, staged, rejection } : null;
}

function isNamedBy({ services: named }: ConfigManifest, services: SortedEntries['services']): boolean {
  const hashes = Object.values(named);
  return hashes.length === services.size && Object.keys(named).every((name, index) => services.get(name)?.value.hash === hashes[index]);
}
