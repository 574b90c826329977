import type { PlanReply, PlanRequest } from '@kedge/shared/contracts';
import type { CliBus } from './connect.ts';

/** Every service is looked at for it: hundreds take seconds. */
const timeoutMs = 30_000;

/** What the next passes would do; rejects like `request`. */
export async function askPlan(bus: Pick<CliBus, 'request'>, request: PlanRequest = {}): Promise<PlanReply> {
  return await bus.request('deploy.plan', request, { timeoutMs });
}
