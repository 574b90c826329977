import type { Verdict } from '@kedge/config';
import { type Bucket, type Bus, type Entry, owe, sayOwed } from '@kedge/shared/bus';
import { buckets, ConfigManifest, manifestKey, rejectionKey, ServiceEntry, ServiceName, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { afterWrites } from './core/configuration/after-writes.ts';
import { findBy } from './core/configuration/find-by-name.ts';
import {
  type Deletion,
  planRejection,
  planWrites,
  type SpecPut,
  type StoredConfiguration,
  type WritePlan,
} from './core/configuration/plan-writes.ts';
import type { Agreement } from './core/configuration/removal-guard.ts';
import { sameValue } from './core/configuration/same-value.ts';
import { type SortedEntries, sortEntries } from './core/configuration/sort-entries.ts';
import { stagedKey } from './core/configuration/staged-specs.ts';
import { type Memory, nameOf, noMemory } from './core/configuration/wished-entries.ts';
import type { Clock } from './ports.ts';

/** A verdict that something is known by. */
export type Judged = Extract<Verdict, { kind: 'valid' | 'invalid' }>;

/** What became of a verdict. */
export interface Applied {
  /** `not-agreed`: the yes was to another revision, and nothing was written. */
  readonly outcome: WritePlan['outcome'] | 'not-agreed';
  /** As it stands afterwards; null when there never was a valid configuration. */
  readonly manifest: ConfigManifest | null;
}

interface ApplyPorts {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Where configurations are read, as their user calls it. */
  readonly folder?: string | undefined;
}

interface Planned {
  readonly plan: WritePlan;
  readonly memory: Memory;
  /** Of the configuration that is wanted; null when it is invalid. */
  readonly revision: string | null;
}

interface Situation {
  readonly stored: StoredConfiguration;
  readonly agreed: Agreement | null;
}

interface ManifestWrite {
  /** The key: the manifest's own, or that of a rejection. */
  readonly at: string;
  readonly next: ConfigManifest;
  readonly says: WritePlan['says'];
  /** What is there now. */
  readonly before: Entry<ConfigManifest> | null;
}

interface Manner {
  /** A person said yes to removing much. A yes to another revision than this one writes nothing. */
  readonly agreed?: Agreement | null;
  /**
   * Everything is read from KV. Otherwise only the manifest is, as long as it is the one that this process wrote or read last: what somebody
   * did to a spec behind its back is noticed by the next pass that reads everything, or by the write that it refuses.
   */
  readonly afresh?: boolean;
}

/** How often somebody else may write in between before the pass gives up and comes again. */
const mostAttempts = 4;

/**
 * Brings a verdict into KV: specs one key each, then the manifest that names them with the event it owes, then the removal of what it no
 * longer names. A spec that is in force is overwritten only after that manifest: its successor waits beside it. Killed at any line, the
 * next pass compares again and does what is missing, whatever the folder says by then.
 */
export function createApplyConfiguration({ bus, clock, folder }: ApplyPorts) {
  const everything: Bucket<ServiceEntry | ConfigManifest> = bus.bucket('services', buckets.services.value);
  const services: Bucket<ServiceEntry> = bus.bucket('services', ServiceEntry);
  const manifests: Bucket<ConfigManifest> = bus.bucket('services', ConfigManifest);
  const { node } = bus;
  const key = manifestKey(node);
  let memory = noMemory;
  /** What KV holds after the last pass; null when that is not known for sure. */
  let remembered: SortedEntries | null = null;

  /** What is remembered, for one pass: only one that comes to its end remembers again. */
  async function recall(): Promise<SortedEntries | null> {
    const stored = remembered;
    remembered = null;
    if (!stored?.manifest) return null;
    return (await manifests.get(key))?.revision === stored.manifest.revision ? stored : null;
  }

  async function read(): Promise<SortedEntries> {
    const stored = sortEntries(node, await everything.readEverything());
    const completed = await complete(stored);
    const paid = stored.manifest && (await sayOwed({ bus, bucket: manifests, entry: stored.manifest }));
    const rejection = stored.rejection && (await sayOwed({ bus, bucket: manifests, entry: stored.rejection }));
    return {
      ...stored,
      manifest: paid,
      rejection,
      services: [...stored.services.filter(({ key }) => !completed.has(key)), ...completed.values()],
    };
  }

  /** The manifest was written, and its writer died before all that it names was in its place. Resolves to what is there now, by key. */
  async function complete({ manifest, services: specs, staged }: SortedEntries): Promise<ReadonlyMap<string, Entry<ServiceEntry>>> {
    const done = new Map<string, Entry<ServiceEntry>>();
    const specOf = findBy(specs, nameOf);
    for (const [name, hash] of Object.entries(manifest?.value.services ?? {})) {
      const before = specOf(name);
      const waiting = staged.get(stagedKey(node, { hash }));
      if (before?.value.hash !== hash && waiting) {
        const placed = await put({ name: ServiceName.parse(name), entry: waiting.value, revision: before?.revision ?? null });
        done.set(placed.key, placed);
      }
    }
    return done;
  }

  async function put({ name, entry, revision }: Omit<SpecPut, 'replaces'>): Promise<Entry<ServiceEntry>> {
    const specKey = serviceKey(node, name);
    const written = revision === null ? await services.create(specKey, entry) : await services.update(specKey, entry, revision);
    if (written !== null) return { key: specKey, value: entry, revision: written, writtenAt: clock.now() };
    const found = await services.get(specKey);
    // Another watcher saw the same and was faster.
    if (found && sameValue(found.value, entry)) return found;
    throw conflict();
  }

  async function perform({ outcome, puts, manifest: next, rejection, says, deletes }: WritePlan, stored: SortedEntries): Promise<Applied> {
    const replacing = puts.filter(({ replaces }) => replaces);
    const staged: Deletion[] = [];
    const placed: Entry<ServiceEntry>[] = [];
    for (const each of puts) if (!each.replaces) placed.push(await put(each));
    for (const { entry } of replacing) staged.push(...(await stage(entry)));
    const written = next && (await write({ at: key, next, says, before: stored.manifest }));
    for (const each of replacing) placed.push(await put(each));
    const current = written ? await sayOwed({ bus, bucket: manifests, entry: written }) : stored.manifest;
    if (rejection)
      await sayOwed({
        bus,
        bucket: manifests,
        entry: await write({ at: rejectionKey(node), next: rejection, says, before: stored.rejection }),
      });
    for (const each of [...deletes, ...staged]) await remove(each);
    remembered = afterWrites(stored, { manifest: current, written: placed, gone: new Set(deletes.map((each) => each.key)) });
    return { outcome, manifest: current?.value ?? null };
  }

  /** Resolves to what to remove afterwards; to nothing when another pass left it there, which is known already. */
  async function stage(entry: ServiceEntry): Promise<readonly Deletion[]> {
    const waitsAt = stagedKey(node, entry);
    const revision = await services.create(waitsAt, entry);
    return revision === null ? [] : [{ key: waitsAt, revision }];
  }

  async function remove({ key: gone, revision }: Deletion): Promise<void> {
    if (!(await services.delete(gone, revision)) && (await services.get(gone))) throw conflict();
  }

  async function write({ at, next, says, before }: ManifestWrite): Promise<Entry<ConfigManifest>> {
    const value = { ...next, ...(says ? { owes: [owe(says.subject, says.data, { now: clock.now() })] } : {}) };
    const revision = before ? await manifests.update(at, value, before.revision) : await manifests.create(at, value);
    if (revision === null) throw conflict();
    return { key: at, value, revision, writtenAt: clock.now() };
  }

  function plan(judged: Judged, { stored, agreed }: Situation): Planned {
    const now = clock.now();
    if (judged.kind === 'invalid') return { plan: planRejection(stored, { ...judged, node, now }), memory, revision: null };
    return planWrites({ node, configuration: judged.configuration, folder, stored, agreed, memory, now });
  }

  function foresee({ plan: { outcome, manifest } }: Planned, stored: StoredConfiguration): Applied {
    const current = stored.manifest?.value ?? null;
    if (!current || !manifest) return { outcome, manifest: current };
    const { held: _held, rejected: _rejected, ...inForce } = current;
    return { outcome, manifest: outcome === 'held' ? manifest : inForce };
  }

  return {
    async apply(judged: Judged, { agreed = null, afresh = true }: Manner = {}): Promise<Applied> {
      if (afresh) remembered = null;
      for (let attempts = 1; ; attempts += 1) {
        try {
          const stored = (await recall()) ?? (await read());
          const planned = plan(judged, { stored, agreed });
          if (agreed?.revision !== undefined && agreed.revision !== planned.revision) {
            return { ...foresee(planned, stored), outcome: 'not-agreed' };
          }
          const applied = await perform(planned.plan, stored);
          memory = planned.memory;
          return applied;
        } catch (thrown) {
          if (!isConflict(thrown) || attempts === mostAttempts) throw thrown;
        }
      }
    },

    /** What `apply` would make of it; writes nothing. */
    async preview(judged: Judged): Promise<Applied> {
      const stored = await read();
      return foresee(plan(judged, { stored, agreed: null }), stored);
    },
  };
}

/** Rejects with RetryableError WRITE_CONFLICT when others write all the time, and with BUS_UNAVAILABLE. */
export type ApplyConfiguration = ReturnType<typeof createApplyConfiguration>;

function conflict(): RetryableError {
  return new RetryableError('WRITE_CONFLICT', 'somebody else wrote the configuration of this node at the same time; it is read again');
}

function isConflict(thrown: unknown): boolean {
  return thrown instanceof RetryableError && thrown.code === 'WRITE_CONFLICT';
}
