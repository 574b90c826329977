import type { StatusReply } from '@kedge/shared/contracts';
import type { RetryableError } from '@kedge/shared/kernel';
import type { CliWithBus } from './cli.ts';
import { patientBus } from './patient-bus.ts';
import type { Tell } from './terminal/progress.ts';

interface StatusWatch {
  readonly isThere: (status: StatusReply) => boolean;
  /** What is wrong when it does not come in time. */
  readonly late: () => RetryableError;
  readonly tell: Tell;
  readonly timeoutMs: number;
}

const lookEveryMs = 500;

/**
 * The status, as soon as it is the one that is waited for; when nobody waits any more, as it is.
 * @throws {RetryableError} `late` when it is not there in time
 */
export async function waitForStatus(
  cli: Pick<CliWithBus<'request'>, 'bus' | 'signal' | 'pause'>,
  { isThere, late, tell, timeoutMs }: StatusWatch,
): Promise<StatusReply> {
  const asking = patientBus({ ...cli, tell, timeoutMs });
  const begunAt = performance.now();
  for (;;) {
    const status = await asking.request('status.services', {});
    const isOver = isThere(status) || !(await cli.pause(lookEveryMs, cli.signal));
    if (isOver) return status;
    if (performance.now() - begunAt >= timeoutMs) throw late();
  }
}
