import { type Bus, sayOwed, writeThenSay } from '@kedge/shared/bus';
import { type CloudEvent, type ReleaseRecord, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { isRestoring, isTriggeredJob } from './core/decide-rollout.ts';
import { isUp } from './core/sort-containers.ts';
import type { Clock, ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';
import { emptyRecord, worldMoved } from './write-record.ts';

interface NotePorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
}

interface Request {
  readonly service: ServiceName;
  readonly spec: ServiceSpec;
  readonly event: Pick<CloudEvent, 'id' | 'actor'>;
  /** `clear` lets the next pass decide from what is known; `deploy` makes it decide anew. */
  readonly action: 'deploy' | 'clear' | 'adopt';
  /** With `adopt`: what the service may take the place of. */
  readonly adopting?: ReleaseRecord['adopting'];
}

/** Writes a request into the record of its service, where it outlives us. */
export interface RequestNotes {
  has(service: ServiceName, id: string): Promise<boolean>;
  /** False when this very request was noted before. */
  add(request: Request): Promise<boolean>;
}

/** A pass over the same service may write its record at the same time. */
const maxAttempts = 5;
/** More than are on their way to one service at the same time. */
const rememberedIds = 16;

/** Tries again by itself when a pass wrote meanwhile, and rejects with WORLD_MOVED after five times. */
export function createRequestNotes({ bus, stores, engine, clock }: NotePorts): RequestNotes {
  const keyOf = (service: ServiceName) => serviceKey(bus.node, service);

  async function nothingRuns(service: ServiceName): Promise<boolean> {
    const containers = (await engine.list(bus.node, { service })).filter(({ kedge }) => kedge?.service === service);
    return !containers.some(isUp);
  }

  /** What stands in the way is tried again now, and what failed until now belongs to an earlier attempt, unless that is still being undone. */
  function noted(record: ReleaseRecord, id: string): ReleaseRecord {
    const { waiting, last, ...kept } = record;
    // A time that is past stays: what began then is still at work.
    const retryAt = waiting && new Date(Math.min(Date.parse(waiting.retryAt), clock.now().getTime())).toISOString();
    const isUndoing = kept.rollout !== null && isRestoring(kept.rollout.step) && last?.rollout === kept.rollout.id;
    return {
      ...kept,
      honouredIds: [...idsOf(record), id].slice(-rememberedIds),
      ...(waiting && retryAt !== undefined ? { waiting: { ...waiting, retryAt, failures: 0 } } : {}),
      ...(last && (last.outcome !== 'failed' || isUndoing) ? { last } : {}),
    };
  }

  /** The newest image counts, and what ended by itself and runs once per release runs again. */
  async function askedFor(record: ReleaseRecord, { service, spec, event }: Request): Promise<ReleaseRecord> {
    const { pinned: _pinned, ...kept } = record;
    if (kept.rollout !== null || isTriggeredJob(spec)) return kept;
    // What runs, and what comes up again, is replaced by something newer alone.
    const isPending = kept.serving === null || (kept.comingUp === undefined && (await nothingRuns(service)));
    const requested = { causationid: event.id, ...(event.actor === undefined ? {} : { actor: event.actor }) };
    return isPending ? { ...kept, requested } : kept;
  }

  return {
    has: async (service, id) => idsOf((await stores.releases.get(keyOf(service)))?.value).includes(id),
    async add(request) {
      const { service, event, action } = request;
      const key = keyOf(service);
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const stored = await stores.releases.get(key);
        if (idsOf(stored?.value).includes(event.id)) return false;
        const record = stored && (await sayOwed({ bus, bucket: stores.releases, entry: stored }));
        const before = noted(record?.value ?? emptyRecord(bus.node, service), event.id);
        const value =
          action === 'deploy' ? await askedFor(before, request) : { ...before, ...(request.adopting && { adopting: request.adopting }) };
        if (await writeThenSay({ bus, bucket: stores.releases, key, previous: record, value })) return true;
      }
      throw worldMoved(key);
    },
  };
}

function idsOf(record: ReleaseRecord | undefined): readonly string[] {
  return record?.honouredIds ?? [];
}
