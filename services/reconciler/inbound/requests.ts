import type { Bus } from '@kedge/shared/bus';
import type { AnswerLogs } from '../answer-logs.ts';
import type { AnswerPlan } from '../answer-plan.ts';
import type { AnswerStatus } from '../answer-status.ts';

/** Questions are answered by every instance, also by one that stands by. */
export function serveRequests(
  bus: Bus,
  { status, plan, logs }: { readonly status: AnswerStatus; readonly plan: AnswerPlan; readonly logs: AnswerLogs },
): void {
  bus.serve('status.services', status);
  bus.serve('deploy.plan', plan);
  bus.serve('logs.tail', logs);
}
