import { NodeName, rejectionKey, type ServiceEntry } from '@kedge/shared/contracts';
import type { SpecPut, StoredConfiguration, WritePlan } from '../core/configuration/plan-writes.ts';
import { stagedKey } from '../core/configuration/staged-specs.ts';
import { nameOf } from '../core/configuration/wished-entries.ts';

/** Whose configuration it is. */
export const node = NodeName.parse('local');

/** KV before the first pass. */
export const nothingStored: StoredConfiguration = { manifest: null, services: [], staged: new Map(), rejection: null };

type Specs = Map<string, { readonly value: ServiceEntry; readonly revision: number }>;

/** KV after the first `steps` writes of a plan, all of them unless told: a crash may come after any. */
export function perform(
  stored: StoredConfiguration,
  { puts, manifest, rejection, deletes, steps = Number.POSITIVE_INFINITY }: WritePlan & { readonly steps?: number },
): StoredConfiguration {
  const [services, staged]: [Specs, Specs] = [specsByName(stored), new Map(stored.staged)];
  let [current, remembered] = [stored.manifest, stored.rejection];
  let left = steps;
  const put = ({ name, entry, revision }: SpecPut) => services.set(name, { value: entry, revision: (revision ?? 0) + 1 });
  const replacing = puts.filter(({ replaces }) => replaces);
  for (const each of puts) if (!each.replaces && left-- > 0) put(each);
  for (const { entry } of replacing) if (left-- > 0) staged.set(stagedKey(node, entry), { value: entry, revision: 1 });
  if (manifest && left-- > 0) current = { value: manifest, revision: (stored.manifest?.revision ?? 0) + 1 };
  for (const each of replacing) if (left-- > 0) put(each);
  const over = [...deletes.map(({ key }) => key), ...replacing.map(({ entry }) => stagedKey(node, entry))];
  if (rejection && left-- > 0) remembered = { value: rejection, revision: (stored.rejection?.revision ?? 0) + 1 };
  for (const key of over) {
    if (left-- <= 0 || staged.delete(key)) continue;
    if (key === rejectionKey(node)) remembered = null;
    else services.delete(key.slice(`${node}.`.length));
  }
  return { manifest: current, services: [...services.values()], staged, rejection: remembered };
}

/** The specs in force by the names of their services. */
export function specsByName({ services }: Pick<StoredConfiguration, 'services'>): Specs {
  return new Map(services.map((each) => [nameOf(each), each]));
}

/** What a pass reads after a crash: what the manifest names comes to its place first. */
export function readAfterCrash({ manifest, services, staged, rejection }: StoredConfiguration): StoredConfiguration {
  const completed = specsByName({ services });
  for (const [name, hash] of Object.entries(manifest?.value.services ?? {})) {
    const waiting = staged.get(stagedKey(node, { hash }));
    if (completed.get(name)?.value.hash !== hash && waiting) completed.set(name, waiting);
  }
  return { manifest, services: [...completed.values()], staged, rejection };
}
