import type { ValidateReply, ValidateRequest } from '@kedge/shared/contracts';
import type { CliBus } from './connect.ts';

/** Reading and rendering a folder takes longer than an ordinary answer. */
const timeoutMs = 15_000;

/** Lets the stack read its folder now; with `reload`, take up what is right, with `apply` also what it holds. */
export async function askVerdict(bus: Pick<CliBus, 'request'>, request: ValidateRequest = {}): Promise<ValidateReply> {
  return await bus.request('config.validate', request, { timeoutMs });
}
