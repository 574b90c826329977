import type { ServiceName, Subject } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';
import type { CliBus } from './connect.ts';
import { unknownService } from './find-service.ts';
import { unlessSilent } from './unless-silent.ts';

interface Expected {
  readonly service: ServiceName;
  /** What is stored of each of these is searched for the name. */
  readonly subjects: readonly Subject[];
  readonly now: Date;
  /** Since when events are asked for; null when only what comes is. */
  readonly since: Date | null;
}

/** A week of a busy stack takes long to read, and a slip of the pen is to be told at once. */
const searchedMs = 24 * 3_600_000;

/**
 * Events outlive their services: a name that the status does not know, and none of the stored events of the last day either, or of the
 * longer time that is asked for, is a slip of the pen. How far was looked is told. Where that cannot be asked, nobody knows.
 * @throws {TerminalError} SERVICE_UNKNOWN naming the nearest one
 */
export async function expectService(bus: Pick<CliBus, 'request' | 'recent'>, { service, subjects, now, since }: Expected): Promise<void> {
  const services = await unlessSilent(async () => (await bus.request('status.services', {})).services);
  if (services === null || services.some((each) => each.service === service)) return;
  const lastDay = new Date(now.getTime() - searchedMs);
  const isLonger = since !== null && since < lastDay;
  const stored = await unlessSilent(async () => await bus.recent({ since: isLonger ? since : lastDay, subjects }));
  if (stored === null || stored.some(({ subject }) => subject === service)) return;
  throw unknownService(
    service,
    services.map((each) => each.service),
    `, and no word of it in the newest ${counted(stored.length, 'stored event')} of ${isLonger ? 'that time' : 'the last day'}`,
  );
}
