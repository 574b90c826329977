import type { DoctorReply } from '@kedge/shared/contracts';
import type { CliBus } from './connect.ts';

/** For one that is there and does not answer, in milliseconds: it reads from the bus first. Who is not there is known at once. */
const watcherTimeoutMs = 2_000;

/** What the watcher makes of the folder now, part by part, as `withUnread` takes it; null where nobody tells. */
export async function askFolder(bus: Pick<CliBus, 'request'>): Promise<DoctorReply['parts'] | null> {
  return await bus.request('doctor.watcher', {}, { timeoutMs: watcherTimeoutMs }).then(
    ({ parts }) => parts,
    () => null,
  );
}
