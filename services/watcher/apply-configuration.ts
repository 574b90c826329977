import type { Verdict } from '@kedge/config';
import { type Bucket, type Bus, type Entry, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
import { ConfigManifest, manifestKey, ServiceEntry, serviceKey } from '@kedge/shared/contracts';
import { hashJson, RetryableError } from '@kedge/shared/kernel';
import type { Baseline } from './core/configuration/keep-fingerprints.ts';
import { planRejection, planWrites, type StoredConfiguration, type WritePlan } from './core/configuration/plan-writes.ts';
import type { Agreement } from './core/configuration/removal-guard.ts';
import type { Clock } from './ports.ts';

/** A verdict that something is known by. */
export type Judged = Extract<Verdict, { kind: 'valid' | 'invalid' }>;

export interface Applied {
  /** `not-agreed`: the yes was to another revision, and nothing was written. */
  readonly outcome: WritePlan['outcome'] | 'not-agreed';
  /** As it stands afterwards; null when there never was a valid configuration. */
  readonly manifest: ConfigManifest | null;
}

interface Planned {
  readonly plan: WritePlan;
  readonly baseline: Baseline;
  /** Of the configuration that is wanted; null when it is invalid. */
  readonly revision: string | null;
}

/** How often somebody else may write in between before the pass gives up and comes again. */
const mostAttempts = 4;

/**
 * Brings a verdict into KV: specs one key each, then the manifest with the event it owes, then the removal of what it no longer names.
 * Killed at any line, the next pass compares again and does what is missing.
 */
export function createApplyConfiguration({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }) {
  const services: Bucket<ServiceEntry> = bus.bucket('services', ServiceEntry);
  const manifests: Bucket<ConfigManifest> = bus.bucket('services', ConfigManifest);
  const { node } = bus;
  const key = manifestKey(node);
  let baseline: Baseline = new Map();
  /** While there is no manifest to record a rejection in: which one was said last. */
  let saidWithoutManifest: string | null = null;

  async function read(): Promise<StoredConfiguration & { readonly manifest: Entry<ConfigManifest> | null }> {
    const [manifest, entries] = await Promise.all([manifests.get(key), services.readAll(node)]);
    const paid = manifest && (await sayOwed(bus, manifests, manifest));
    return { manifest: paid, services: new Map([...entries.values()].map((entry) => [entry.value.spec.service.name, entry])) };
  }

  async function perform(plan: WritePlan, manifest: Entry<ConfigManifest> | null): Promise<Applied> {
    for (const { name, entry, revision } of plan.puts) {
      const specKey = serviceKey(node, name);
      const written = revision === null ? await services.create(specKey, entry) : await services.update(specKey, entry, revision);
      if (written === null) throw conflict();
    }
    const current = plan.manifest ? await writeManifest(plan.manifest, plan.says, manifest) : manifest;
    const repeats = !plan.manifest && plan.says !== null && !(await sayOnce(plan.says));
    for (const each of plan.deletes) if (!(await services.delete(each.key, each.revision))) throw conflict();
    return { outcome: repeats ? 'unchanged' : plan.outcome, manifest: current?.value ?? null };
  }

  async function writeManifest(
    next: ConfigManifest,
    says: WritePlan['says'],
    before: Entry<ConfigManifest> | null,
  ): Promise<Entry<ConfigManifest>> {
    const owes = says ? { owes: [owe(says.subject, says.data, { now: clock.now() })] } : {};
    const written = await writeThenSay(bus, manifests, key, before, { ...next, ...owes });
    if (!written) throw conflict();
    return written;
  }

  async function sayOnce({ subject, data }: NonNullable<WritePlan['says']>): Promise<boolean> {
    const text = hashJson(data);
    if (saidWithoutManifest === text) return false;
    await bus.publish(subject, data);
    saidWithoutManifest = text;
    return true;
  }

  function plan(judged: Judged, stored: StoredConfiguration, agreed: Agreement | null): Planned {
    const now = clock.now();
    if (judged.kind === 'invalid') return { plan: planRejection(stored, { ...judged, now }), baseline, revision: null };
    return planWrites({ node, configuration: judged.configuration, stored, agreed, baseline, now });
  }

  function foresee({ plan: { outcome, manifest } }: Planned, stored: StoredConfiguration): Applied {
    const current = stored.manifest?.value ?? null;
    if (!current || !manifest) return { outcome, manifest: current };
    const { held: _held, rejected: _rejected, ...inForce } = current;
    return { outcome, manifest: outcome === 'held' ? manifest : inForce };
  }

  return {
    /** With `agreed` a person said yes to removing much. A yes to another revision than this one writes nothing. */
    async apply(judged: Judged, agreed: Agreement | null = null): Promise<Applied> {
      for (let attempts = 1; ; attempts += 1) {
        try {
          const stored = await read();
          const planned = plan(judged, stored, agreed);
          if (agreed?.revision !== undefined && agreed.revision !== planned.revision) {
            return { ...foresee(planned, stored), outcome: 'not-agreed' };
          }
          const applied = await perform(planned.plan, stored.manifest);
          baseline = planned.baseline;
          return applied;
        } catch (thrown) {
          if (!isConflict(thrown) || attempts === mostAttempts) throw thrown;
        }
      }
    },

    /** What `apply` would make of it; writes nothing. */
    async preview(judged: Judged): Promise<Applied> {
      const stored = await read();
      return foresee(plan(judged, stored, null), stored);
    },
  };
}

export type ApplyConfiguration = ReturnType<typeof createApplyConfiguration>;

function conflict(): RetryableError {
  return new RetryableError('WRITE_CONFLICT', 'somebody else wrote the configuration of this node at the same time; it is read again');
}

function isConflict(thrown: unknown): boolean {
  return thrown instanceof RetryableError && thrown.code === 'WRITE_CONFLICT';
}
