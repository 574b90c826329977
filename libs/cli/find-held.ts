import type { StatusReply } from '@kedge/shared/contracts';
import { askVerdict } from './ask-verdict.ts';
import type { CliBus } from './connect.ts';
import { configurationState } from './core/configuration-state.ts';
import type { HeldReply } from './put-in-force.ts';
import { unlessSilent } from './unless-silent.ts';

/** A configuration that waits for a yes, beside the one in force. */
export interface FoundHeld {
  readonly reply: HeldReply;
  readonly status: StatusReply;
}

/** What waits for a yes, as the watcher reads it; null where nothing does, or nobody can tell more of it. */
export async function findHeld(bus: Pick<CliBus, 'request'>, status: StatusReply): Promise<FoundHeld | null> {
  if (status.down || configurationState(status.config) !== 'held') return null;
  const reply = await unlessSilent(async () => await askVerdict(bus));
  return reply?.held ? { reply: { ...reply, held: reply.held }, status } : null;
}
