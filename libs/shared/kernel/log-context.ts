import { AsyncLocalStorage } from 'node:async_hooks';

/** Facts that belong to everything that is done meanwhile. */
export interface LogContext {
  /** The name of a service that is looked at. */
  readonly service?: string | undefined;
  /** The event or command that led here, by its id. */
  readonly event?: string | undefined;
  /** The rollout or run that it belongs to. */
  readonly correlationid?: string | undefined;
}

const contexts = new AsyncLocalStorage<LogContext>();

/** Does `work` with these facts, and those of whoever calls, on each line that is logged meanwhile. */
export function inLogContext<Result>(facts: LogContext, work: () => Result): Result {
  return contexts.run({ ...contexts.getStore(), ...facts }, work);
}

/** Does `work` with no facts of whoever calls: it was only woken by them, and may go on long after. */
export function outsideLogContext<Result>(work: () => Result): Result {
  return contexts.run({}, work);
}

/** What is known here and now. */
export function logContext(): LogContext {
  return contexts.getStore() ?? {};
}
