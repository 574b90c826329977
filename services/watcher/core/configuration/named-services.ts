import type { ConfigManifest, ServiceEntry, ServiceName } from '@kedge/shared/contracts';

/** Hashes of specs by name, as a manifest has them. */
type Hashes = ConfigManifest['services'];

/** What a manifest names, and how that differs from the one before. */
export interface NamedServices {
  readonly services: Hashes;
  /** In the order that they had. */
  readonly gone: ServiceName[];
  /** These and the changed ones are in the order of the entries. */
  readonly added: ServiceName[];
  /** In both, with another hash. */
  readonly changed: ServiceName[];
}

/** Names these entries. Most of thousands are named as `before`, in the same order: then no name is looked up, and the record is not built anew. */
export function nameServices(entries: readonly ServiceEntry[], before: Hashes): NamedServices {
  const [names, hashes] = [namesOf(before), Object.values(before)];
  const isInOrder = names.length === entries.length && entries.every(({ spec }, index) => names[index] === spec.service.name);
  if (isInOrder) {
    const other = entries.filter(({ hash }, index) => hashes[index] !== hash);
    const services = other.length === 0 ? before : { ...before, ...hashesOf(other) };
    return { services, gone: [], added: [], changed: other.map(({ spec }) => spec.service.name) };
  }
  const services = hashesOf(entries);
  const wished = entries.map(({ spec }) => spec.service.name);
  return {
    services,
    gone: names.filter((name) => !Object.hasOwn(services, name)),
    added: wished.filter((name) => !Object.hasOwn(before, name)),
    changed: wished.filter((name) => Object.hasOwn(before, name) && before[name] !== services[name]),
  };
}

/** A manifest names nothing but services. */
export function namesOf(services: Hashes): ServiceName[] {
  return Object.keys(services) as ServiceName[];
}

function hashesOf(entries: readonly ServiceEntry[]): Hashes {
  return Object.fromEntries(entries.map(({ spec, hash }) => [spec.service.name, hash]));
}
