import type { Configuration } from '@kedge/config';
import { problemList, routesOf } from '@kedge/config';
import {
  ConfigManifest,
  type ConfigProblem,
  type DataOf,
  type NodeName,
  proxyOf,
  rejectionKey,
  type ServiceEntry,
  type ServiceName,
  serviceKey,
} from '@kedge/shared/contracts';
import { counted, nameList, sameJson } from '@kedge/shared/kernel';
import { findBy, findByName } from './find-by-name.ts';
import { rejectionRecord } from './first-rejection.ts';
import { type NamedServices, nameServices, namesOf } from './named-services.ts';
import { type Agreement, guardRemoval, type KnownService } from './removal-guard.ts';
import { type RevisionTree, revisionOf } from './revision-tree.ts';
import { sameFolder } from './same-folder.ts';
import { sameValue } from './same-value.ts';
import { type Memory, nameOf, wishEntries } from './wished-entries.ts';

interface Stored<Value> {
  readonly value: Value;
  readonly revision: number;
}

/** The configuration of a node as KV has it. */
export interface StoredConfiguration {
  readonly manifest: Stored<ConfigManifest> | null;
  /** No service twice; in any order, and fastest in that of the manifest. */
  readonly services: readonly Stored<ServiceEntry>[];
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
  /** Where that was read, as its user calls it. */
  readonly folder?: string | undefined;
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
  const { remade, memory: wished } = wishEntries({ node, services: configuration.services, stored: stored.services, memory: wish.memory });
  const entries = wished.made.map(({ entry }) => entry);
  const wishedOf = findByName(wished.made);
  const storedOf = findBy(stored.services, nameOf);
  const current = stored.manifest?.value;
  const named = nameServices(entries, current?.services ?? {});
  const head = manifestOf(configuration, { node, services: named.services, tree: wished.tree });
  const { revision } = head;
  const isChanged = current?.revision !== revision;
  // Where the same is read under two names, each of the readers would write its own over that of the other.
  const folder = isChanged ? wish.folder : (current?.folder ?? wish.folder);
  const manifest: ConfigManifest = { ...head, ...(folder !== undefined && { folder }) };
  // The paths of two folders say nothing of each other. A folder that said what is in force is no other one, whatever it was called then.
  const isElsewhere = current?.folder !== undefined && wish.memory.inForce !== current.revision && !sameFolder(current.folder, folder);

  const guard = guardRemoval({
    gone: named.gone.map((name) => ({ ...knownService(name, storedOf(name)?.value), ...(isElsewhere && { folder: null }) })),
    added: named.added.map((name) => knownService(name, wishedOf(name)?.entry)),
    of: namesOf(current?.services ?? {}).length,
    revision,
    held: current?.held,
    agreed,
  });
  if (!guard.pass && current) return { plan: planHold(current, { manifest, removes: guard.removes, now }), memory: wished, revision };

  const puts = remade
    .map(({ entry, place }) => ({ name: entry.spec.service.name, entry, before: storedOf(entry.spec.service.name, place) }))
    .filter(({ entry, before }) => !before || !sameValue(before.value, entry))
    .map(({ name, entry, before }): SpecPut => {
      const replaces = before !== undefined && before.value.hash !== entry.hash && current?.services[name] === before.value.hash;
      return { name, entry, revision: before?.revision ?? null, replaces };
    });
  const unnamed = stored.services
    .filter((each, place) => each.value !== wished.made[place]?.entry && !wishedOf(nameOf(each), place))
    .map((each) => ({ key: serviceKey(node, nameOf(each)), revision: each.revision }));
  const isSame = !isChanged && sameValue({ ...current, owes: [] }, { ...manifest, owes: [] });
  const plan: WritePlan = {
    outcome: isChanged ? 'applied' : 'unchanged',
    puts,
    manifest: isSame ? null : manifest,
    rejection: null,
    says: isChanged ? { subject: 'config.changed', data: changeOf(revision, { named, puts }) } : null,
    deletes: [
      ...unnamed,
      ...[...stored.staged].map(([key, { revision: written }]) => ({ key, revision: written })),
      ...(stored.rejection ? [{ key: rejectionKey(node), revision: stored.rejection.revision }] : []),
    ],
  };
  return { plan, memory: { ...wished, inForce: revision }, revision };
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
    message: `this configuration would remove ${removes.length} of ${counted(namesOf(current.services).length, 'service')} (${nameList(removes)}); "kedge apply" shows it, asks, and puts it in force`,
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

interface Making {
  readonly node: NodeName;
  readonly services: ConfigManifest['services'];
  readonly tree: RevisionTree;
}

function manifestOf({ entry, delay, networks, proxy, warnings }: Configuration, { node, services, tree }: Making): ConfigManifest {
  const head = { entry, delay, ...(networks && { networks: [...networks] }), ...(proxy && { proxy }) };
  // Rendered text is not hashed: a short secret could be guessed from it. Specs hold references in its place.
  const revision = revisionOf({ ...head, tree });
  const told = problemList(warnings);
  return { ...ManifestHead.parse({ node, revision, ...head, ...(told.length > 0 && { warnings: told }) }), services };
}

function knownService(name: ServiceName, entry: ServiceEntry | undefined): KnownService {
  return { name, folder: entry?.path ?? null, route: (entry && routesOf({ proxy: proxyOf(entry.spec) })[0]) ?? null };
}

interface Change {
  readonly named: NamedServices;
  readonly puts: WritePlan['puts'];
}

function changeOf(revision: string, { named, puts }: Change): DataOf<'config.changed'> {
  const added = new Set(named.added);
  const touched = new Set([...named.changed, ...puts.map(({ name }) => name)]);
  const changed = namesOf(named.services).filter((name) => touched.has(name) && !added.has(name));
  return { revision, added: named.added, changed, removed: named.gone };
}
