import { parseDurationMs } from '../kernel/index.ts';
import type { Balancing } from './balancing.ts';
import type { BalancingTable } from './service-spec.ts';

/** What a proxy is told of how a service wants its requests spread, with defaults; null for nothing. */
export function balancingOf(table: BalancingTable = {}): Balancing | null {
  const { balance, hash_by, sticky, eject, retry, check, limit } = table;
  if (Object.keys(table).length === 0) return null;
  return {
    ...(balance !== undefined && { balance }),
    ...(hash_by !== undefined && { hash_by }),
    ...(sticky && { sticky: { cookie: sticky.cookie ?? 'kedge' } }),
    ...(eject && {
      eject: {
        failures: eject.failures ?? 5,
        base_ms: parseDurationMs(eject.base ?? '10s'),
        max_ms: parseDurationMs(eject.max ?? '5m'),
        panic: eject.panic ?? 50,
      },
    }),
    ...(retry && { retry: { attempts: retry.attempts ?? 2, statuses: retry.statuses ?? [502, 503, 504], budget: retry.budget ?? 20 } }),
    ...(check && {
      check: {
        path: check.path ?? '/',
        interval_ms: parseDurationMs(check.interval ?? '10s'),
        timeout_ms: parseDurationMs(check.timeout ?? '5s'),
        failures: check.failures ?? 3,
        successes: check.successes ?? 1,
      },
    }),
    ...(limit && {
      limit: { concurrent: limit.concurrent, queue: limit.queue ?? 1_000, timeout_ms: parseDurationMs(limit.queue_timeout ?? '5s') },
    }),
  };
}
