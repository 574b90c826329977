import type { Configuration } from '@kedge/config';
import { problemList, routeOf } from '@kedge/config';
import {
  ConfigManifest,
  type ConfigProblem,
  type DataOf,
  type NodeName,
  rejectionKey,
  type ServiceEntry,
  type ServiceName,
  serviceKey,
} from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import { rejectionRecord } from './first-rejection.ts';
import { type Agreement, guardRemoval, type KnownService } from './removal-guard.ts';
import { revisionOf } from './revision-of.ts';
import { sameValue } from './same-value.ts';
import { type Memory, wishEntries } from './wished-entries.ts';

interface Stored<Value> {
  readonly value: Value;
  readonly revision: number;
}

/** The configuration of a node as KV has it. */
export interface StoredConfiguration {
  readonly manifest: Stored<ConfigManifest> | null;
  /** By service name. */
  readonly services: ReadonlyMap<string, Stored<ServiceEntry>>;
  /** Specs that wait for a manifest to name them, by key. */
  readonly staged: ReadonlyMap<string, Stored<ServiceEntry>>;
  /** What was rejected last while there was no manifest to record it in. */
  readonly rejection: Stored<ConfigManifest> | null;
}

/** An event that the manifest owes when it is written. */
export type ConfigEvent =
  | { readonly subject: 'config.changed'; readonly data: DataOf<'config.changed'> }
  | { readonly subject: 'config.rejected'; readonly data: DataOf<'config.rejected'> };

/** A spec to write. */
export interface SpecPut {
  readonly name: ServiceName;
  readonly entry: ServiceEntry;
  /** Of what is there now; null when there is nothing. */
  readonly revision: number | null;
  /** What is there is in force until another manifest is written: until then this one waits beside it. */
  readonly replaces: boolean;
}

/** A key to remove, as it was read. */
export interface Deletion {
  readonly key: string;
  readonly revision: number;
}

/**
 * What to write, in this order: specs, or copies of them where others are in force; the manifest that names them; what it put in force in
 * the place of what it no longer does; then the removal of the rest.
 */
export interface WritePlan {
  readonly outcome: 'applied' | 'held' | 'rejected' | 'unchanged';
  readonly puts: readonly SpecPut[];
  /** Null when it stays as it is. */
  readonly manifest: ConfigManifest | null;
  /** What was rejected, to be remembered where there is no manifest; null when there is nothing to write of it. */
  readonly rejection: ConfigManifest | null;
  /** Owed by the manifest that is written, or by the rejection. */
  readonly says: ConfigEvent | null;
  readonly deletes: readonly Deletion[];
}

interface Wish {
  readonly node: NodeName;
  readonly configuration: Configuration;
  readonly stored: StoredConfiguration;
  /** A person said yes to removing much. */
  readonly agreed: Agreement | null;
  /** Of the pass before. */
  readonly memory: Memory;
  readonly now: Date;
}

interface Rejected {
  readonly node: NodeName;
  readonly reason: 'invalid' | 'unreadable';
  readonly problems: readonly ConfigProblem[];
  readonly now: Date;
}

/** All but the hashes of the services: they are our own, and there are many. */
const ManifestHead = ConfigManifest.omit({ services: true });

const nothing: WritePlan = { outcome: 'unchanged', puts: [], manifest: null, rejection: null, says: null, deletes: [] };

/** Plans how a valid configuration comes into force, or is held because it removes too much. The memory is right once the plan is done. */
export function planWrites(wish: Wish): { readonly plan: WritePlan; readonly memory: Memory; readonly revision: string } {
  const { node, configuration, stored, agreed, now } = wish;
  const { entries, memory } = wishEntries({ node, services: configuration.services, stored: stored.services, memory: wish.memory });
  const manifest = manifestOf(configuration, { node, entries });
  const current = stored.manifest?.value;

  const guard = guardRemoval({
    current: serviceNames(current).map((name) => knownService(name, stored.services.get(name)?.value)),
    next: entries.map((entry) => knownService(entry.spec.service.name, entry)),
    revision: manifest.revision,
    held: current?.held,
    agreed,
  });
  if (!guard.pass && stored.manifest) {
    return { plan: planHold(stored.manifest.value, { manifest, removes: guard.removes, now }), memory, revision: manifest.revision };
  }

  const puts = entries
    .map((entry) => ({ name: entry.spec.service.name, entry, before: stored.services.get(entry.spec.service.name) }))
    .filter(({ entry, before }) => !before || !sameValue(before.value, entry))
    .map(({ name, entry, before }): SpecPut => {
      const replaces = before !== undefined && before.value.hash !== entry.hash && current?.services[name] === before.value.hash;
      return { name, entry, revision: before?.revision ?? null, replaces };
    });
  const isSame = current !== undefined && sameValue({ ...current, owes: [] }, { ...manifest, owes: [] });
  const unnamed = [...stored.services.values()]
    .map(({ value, revision }) => ({ name: value.spec.service.name, revision }))
    .filter(({ name }) => !Object.hasOwn(manifest.services, name))
    .map(({ name, revision }) => ({ key: serviceKey(node, name), revision }));
  const isChanged = current?.revision !== manifest.revision;
  const plan: WritePlan = {
    outcome: isChanged ? 'applied' : 'unchanged',
    puts,
    manifest: isSame ? null : manifest,
    rejection: null,
    says: isChanged ? { subject: 'config.changed', data: changeOf({ current, next: manifest, puts }) } : null,
    deletes: [
      ...unnamed,
      ...[...stored.staged].map(([key, { revision }]) => ({ key, revision })),
      ...(stored.rejection ? [{ key: rejectionKey(node), revision: stored.rejection.revision }] : []),
    ],
  };
  return { plan, memory, revision: manifest.revision };
}

/** Plans how a rejection is recorded; one that is recorded already is not said again. Without a manifest it is recorded by itself. */
export function planRejection(stored: StoredConfiguration, { node, reason, problems, now }: Rejected): WritePlan {
  const data = { reason, problems: [...problemList(problems)] };
  const says = { subject: 'config.rejected', data } as const;
  if (!stored.manifest) {
    if (sameJson(stored.rejection?.value.rejected?.problems ?? null, data.problems)) return nothing;
    return { ...nothing, outcome: 'rejected', says, rejection: rejectionRecord({ node, problems: data.problems, now }) };
  }
  const { held: _held, owes: _owes, ...current } = stored.manifest.value;
  if (stored.manifest.value.held === undefined && sameJson(current.rejected?.problems ?? null, data.problems)) return nothing;
  return {
    ...nothing,
    outcome: 'rejected',
    says,
    manifest: { ...current, rejected: { problems: data.problems, since: now.toISOString() } },
  };
}

function planHold(
  current: ConfigManifest,
  { manifest, removes, now }: { readonly manifest: ConfigManifest; readonly removes: readonly ServiceName[]; readonly now: Date },
): WritePlan {
  if (current.held?.revision === manifest.revision && current.rejected) return nothing;
  const problem: ConfigProblem = {
    file: manifest.entry,
    line: 1,
    column: 1,
    message: `this configuration would remove ${removes.length} of ${serviceNames(current).length} services (${removes.join(', ')}); "kedge apply --yes" puts it in force`,
  };
  const since = now.toISOString();
  const { owes: _owes, ...rest } = current;
  return {
    ...nothing,
    outcome: 'held',
    manifest: { ...rest, held: { revision: manifest.revision, removes: [...removes], since }, rejected: { problems: [problem], since } },
    says: { subject: 'config.rejected', data: { reason: 'mass-removal', problems: [problem], removes: [...removes] } },
  };
}

function manifestOf(
  { entry, delay, networks, proxy, warnings }: Configuration,
  { node, entries }: { readonly node: NodeName; readonly entries: readonly ServiceEntry[] },
): ConfigManifest {
  const services = Object.fromEntries(entries.map(({ spec, hash }) => [spec.service.name, hash]));
  const content = { entry, delay, services, ...(networks && { networks: [...networks] }), ...(proxy && { proxy }) };
  const paths = Object.fromEntries(entries.map(({ spec, path }) => [spec.service.name, path]));
  // Rendered text is not hashed: a short secret could be guessed from it. Specs hold references in its place.
  const told = problemList(warnings);
  const revision = revisionOf({ ...content, paths });
  return { ...ManifestHead.parse({ node, revision, ...content, ...(told.length > 0 && { warnings: told }) }), services };
}

function knownService(name: ServiceName, entry: ServiceEntry | undefined): KnownService {
  return { name, folder: entry?.path ?? null, route: entry ? routeOf(entry.spec) : null };
}

interface Change {
  readonly current: ConfigManifest | undefined;
  readonly next: ConfigManifest;
  readonly puts: WritePlan['puts'];
}

function changeOf({ current, next, puts }: Change): DataOf<'config.changed'> {
  const before = new Set(serviceNames(current));
  const after = new Set(serviceNames(next));
  const written = new Set(puts.map(({ name }) => name));
  return {
    revision: next.revision,
    added: [...after].filter((name) => !before.has(name)),
    changed: [...after].filter((name) => before.has(name) && (written.has(name) || current?.services[name] !== next.services[name])),
    removed: [...before].filter((name) => !after.has(name)),
  };
}

function serviceNames(manifest: ConfigManifest | undefined): ServiceName[] {
  return Object.keys(manifest?.services ?? {}) as ServiceName[];
}
