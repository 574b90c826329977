import type { ServiceName } from '@kedge/shared/contracts';
import { atSecond, mayRetry, noRetries, type RetryCounts, withOneMore } from './core/retry-budget.ts';

/** How many requests are asked again, of all that services get. */
export interface RetryBudgets {
  /** A request that might be. */
  count(service: ServiceName): void;
  /** Whether one more may be; true counts it. */
  take(service: ServiceName, percent: number): boolean;
}

/** `now` is monotonic, in milliseconds. */
export function createRetryBudgets(now: () => number): RetryBudgets {
  const byService = new Map<ServiceName, RetryCounts>();
  const countsOf = (service: ServiceName) => atSecond(byService.get(service) ?? noRetries, Math.floor(now() / 1_000));
  return {
    count: (service) => void byService.set(service, withOneMore(countsOf(service), 'requests')),
    take(service, percent) {
      const counts = countsOf(service);
      if (!mayRetry(counts, percent)) return false;
      byService.set(service, withOneMore(counts, 'retries'));
      return true;
    },
  };
}
