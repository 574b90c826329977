import type { Logger } from '@kedge/shared/service';
import type { AccessLog } from './access-log.ts';
import type { Avoidance } from './avoidance.ts';
import type { WaitLimits } from './core/plan-wait.ts';
import type { Ejections } from './ejections.ts';
import type { HoldRoom } from './hold-room.ts';
import type { LimitQueues } from './limit-queues.ts';
import type { UpstreamClient } from './ports.ts';
import type { ReadAhead } from './read-ahead.ts';
import type { RetryBudgets } from './retry-budgets.ts';
import type { Routes } from './routes.ts';
import type { RuleGround } from './rule-gate.ts';
import type { Traffic } from './traffic.ts';

/** What all passages share. */
export interface Surroundings extends WaitLimits, RuleGround {
  readonly routes: Routes;
  readonly upstream: UpstreamClient;
  readonly traffic: Traffic;
  readonly access: AccessLog;
  readonly avoidance: Avoidance;
  readonly ejections: Ejections;
  readonly retryBudgets: RetryBudgets;
  readonly limitQueues: LimitQueues;
  readonly holdRoom: HoldRoom;
  readonly readAhead: ReadAhead;
  readonly uploadIdleMs: number;
  /** Header lines of a request. */
  readonly maxHeaders: number;
  /** Where HTTPS is served; null where it is not. */
  readonly httpsPort: () => number | null;
  readonly log: Logger;
  /** True once the proxy stops: connections close after their answer. */
  readonly isStopping: () => boolean;
}
