import { randomUUID } from 'node:crypto';
import type { DataOf } from '@kedge/shared/contracts';
import type { CliWithBus } from './cli.ts';

/** Says that everything may run again, or shall be taken down. Who asked is kept. */
export async function requestNode({ bus, actor }: CliWithBus<'publish'>, wish: DataOf<'node.requested'>): Promise<void> {
  await bus.publish('node.requested', wish, { id: `node.requested/${randomUUID()}`, actor });
}
