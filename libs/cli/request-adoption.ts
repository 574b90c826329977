import { randomUUID } from 'node:crypto';
import type { ServiceName } from '@kedge/shared/contracts';
import type { CliWithBus } from './cli.ts';

/** Lets a service take the place of containers that Kedge did not make. Who asked is kept; asking twice does nothing twice. */
export async function requestAdoption({ bus, actor }: CliWithBus<'publish'>, service: ServiceName): Promise<void> {
  await bus.publish('deploy.requested', { service, action: 'adopt' }, { id: `deploy.requested/${randomUUID()}`, service, actor });
}
