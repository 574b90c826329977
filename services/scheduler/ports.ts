import type { Entry } from '@kedge/shared/bus';
import type { ScheduleEntry, ServiceName } from '@kedge/shared/contracts';

/** What the configuration in force says about a service. */
export type Declared =
  | { readonly kind: 'job'; readonly cron: string }
  /** The service is not declared, or is no job. */
  | { readonly kind: 'none' }
  /** There is no configuration yet, or it is being written at this moment. */
  | { readonly kind: 'unknown' };

/** The configuration in force. Rejects only when the bus is away. */
export interface DeclaredJobs {
  read(service: ServiceName): Promise<Declared>;
  /** Services that are jobs or may be. */
  services(): Promise<readonly ServiceName[]>;
}

/** The clocks of all jobs of the node, shared with every other scheduler. Rejects only when the bus is away. */
export interface Schedule {
  read(service: ServiceName): Promise<Entry<ScheduleEntry> | null>;
  services(): Promise<readonly ServiceName[]>;
  /** Writes over `previous` (null: there is none) and says what the value owes. Null: somebody else wrote first, and nothing was said. */
  write(previous: Entry<ScheduleEntry> | null, value: ScheduleEntry): Promise<Entry<ScheduleEntry> | null>;
  /** Says what the entry still owes; saying it twice, also by two schedulers, stores it once. Resolves to the newest entry known. */
  sayOwed(entry: Entry<ScheduleEntry>): Promise<Entry<ScheduleEntry>>;
  /** Removes the entry unless somebody wrote it meanwhile. */
  remove(entry: Entry<ScheduleEntry>): Promise<void>;
}

/** Time, handed in so that passes can be repeated. */
export interface Clock {
  /** What the wall says; may jump either way. */
  now(): Date;
  /** Milliseconds that only grow. */
  monotonicMs(): number;
}

/** What people should hear about cron expressions; the same thing about the same expression is said once. */
export interface CronNotices {
  invalid(notice: { readonly service: ServiceName; readonly cron: string; readonly reason: string }): void;
  /** `warning`: what it may mean otherwise than its writer thinks; null when there is nothing to say. */
  valid(notice: { readonly service: ServiceName; readonly cron: string; readonly warning: string | null }): void;
  gone(service: ServiceName): void;
  /** Each other one is gone: one that is neither declared nor planned is never looked at again. */
  keepOnly(services: ReadonlySet<ServiceName>): void;
}
