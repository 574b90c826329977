import { owe } from '@kedge/shared/bus';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { World } from './observe-service.ts';
import type { Clock } from './ports.ts';
import type { Stores } from './stores.ts';
import type { RecordWriter } from './write-record.ts';

interface ForgetPorts {
  readonly stores: Pick<Stores, 'endpoints' | 'bars' | 'releases'>;
  readonly write: RecordWriter;
  readonly clock: Pick<Clock, 'now'>;
  readonly forgetRuns: (world: World) => Promise<void>;
}

/** May be done again after a death in the middle. Rejects with WORLD_MOVED when somebody else wrote the record first. */
export type ForgetService = (world: World) => Promise<void>;

/** Takes away what was remembered of a service that is declared no more and has nothing left that runs, and says that it is gone. */
export function createForgetter({ stores, write, clock, forgetRuns }: ForgetPorts): ForgetService {
  return async function forget(world) {
    const { key, endpoints, bars, record } = world;
    if (endpoints) await stores.endpoints.delete(key, endpoints.revision);
    if (bars) await stores.bars.delete(key, bars.revision);
    await forgetRuns(world);
    if (!record) return;
    const said = record.value.goneAt === undefined ? await write(world, (before) => goneRecord(before, world, clock.now())) : record;
    // The record goes last: as long as it is there, the next pass comes here again.
    await stores.releases.delete(key, said.revision);
  };
}

/** What the record owes when nothing is left: that is said once, however often whoever says it dies before the record is deleted. */
function goneRecord(record: ReleaseRecord, { service, spec }: World, now: Date): ReleaseRecord {
  const { serving, leftRelease, leftContainers = 0, leavingSince = now.toISOString() } = record;
  const data = {
    release: leftRelease ?? serving?.release ?? null,
    containers: leftContainers,
    durationMs: Math.max(0, now.getTime() - Date.parse(leavingSince)),
    reason: spec ? 'something else is declared under its name' : 'it is declared no more',
  };
  return { ...record, leavingSince, goneAt: now.toISOString(), owes: [owe('service.removed', data, { service, now })] };
}
