import type { ConfigManifest, ServiceEntry } from '@kedge/shared/contracts';
import { findBy } from './find-by-name.ts';
import type { SortedEntries, StoredEntry } from './sort-entries.ts';
import { nameOf } from './wished-entries.ts';

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
  const services = manifest && inOrder(manifest.value, writeOver(stored.services, { written, gone }));
  const staged = new Map([...stored.staged].filter(([key]) => !gone.has(key)));
  const rejection = stored.rejection && !gone.has(stored.rejection.key) ? stored.rejection : null;
  return services && staged.size === 0 ? { manifest, services, staged, rejection } : null;
}

type Specs = SortedEntries['services'];

function writeOver(services: Specs, { written, gone }: Pick<Writes, 'written' | 'gone'>): Specs {
  const after = gone.size === 0 ? [...services] : services.filter(({ key }) => !gone.has(key));
  for (const entry of written) {
    const place = after.findIndex(({ key }) => key === entry.key);
    after[place < 0 ? after.length : place] = entry;
  }
  return after;
}

/** Null when they are not exactly those that it names. */
function inOrder({ services: named }: ConfigManifest, services: Specs): Specs | null {
  const hashes = Object.values(named);
  const find = findBy(services, nameOf);
  const found = Object.keys(named).map((name, place) => find(name, place));
  const isWhole = found.length === services.length && found.every((entry, place) => entry?.value.hash === hashes[place]);
  return isWhole ? found.filter((entry) => entry !== undefined) : null;
}
