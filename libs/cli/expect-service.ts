import type { CloudEvent, ServiceName, ServiceStatus, Subject } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';
import { unknownService } from './cli.ts';
import type { CliBus } from './connect.ts';
import { unlessSilent } from './unless-silent.ts';

interface Expected {
  readonly service: ServiceName;
  /** What is stored of each of these is searched for the name. */
  readonly subjects: readonly Subject[];
  /** Events that were read already. */
  readonly past: readonly CloudEvent[];
}

/**
 * Events outlive their services: a name that the status does not know, and none of the newest stored events either, is a slip of the pen.
 * The bus keeps older ones from whoever asks for too many: how many were looked at is told. Where that cannot be asked, nobody knows.
 * @throws {TerminalError} SERVICE_UNKNOWN naming the nearest one
 */
export async function expectService(bus: Pick<CliBus, 'request' | 'recent'>, { service, subjects, past }: Expected): Promise<void> {
  const isNamed = (events: readonly CloudEvent[]) => events.some(({ subject }) => subject === service);
  if (isNamed(past)) return;
  const services = await unlessSilent(async () => (await bus.request('status.services', {})).services);
  if (services === null || isAmong(services, service)) return;
  const stored = await unlessSilent(async () => await bus.recent({ since: new Date(0), subjects }));
  if (stored === null || isNamed(stored)) return;
  throw unknownService(
    service,
    services.map((each) => each.service),
    stored.length === 0 ? '' : `, and no word of it in the newest ${counted(stored.length, 'stored event')}`,
  );
}

function isAmong(services: readonly ServiceStatus[], name: ServiceName): boolean {
  return services.some(({ service }) => service === name);
}
