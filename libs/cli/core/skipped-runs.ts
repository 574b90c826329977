import type { StatusReply } from '@kedge/shared/contracts';

/** The status as people are shown it: while everything is down, what a clock would start next is skipped, and no run comes. */
export function withoutSkippedRuns(status: StatusReply): StatusReply {
  if (!status.down) return status;
  return { ...status, services: status.services.map(({ nextRun: _skipped, ...service }) => service) };
}
