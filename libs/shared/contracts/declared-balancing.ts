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
    ...(sticky && { sticky }),
    ...(eject && { eject: ejectionOf(eject) }),
    ...(retry && { retry: { attempts: retry.attempts ?? 2, statuses: retry.statuses ?? [502, 503, 504], budget: retry.budget ?? 20 } }),
    ...(check && {
      check: {
        path: check.path ?? '/',
        ...(check.host !== undefined && { host: check.host }),
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

function ejectionOf({
  failures = 5,
  base = '10s',
  max,
  panic = 50,
}: NonNullable<BalancingTable['eject']>): NonNullable<Balancing['eject']> {
  const base_ms = parseDurationMs(base);
  return { failures, base_ms, max_ms: max === undefined ? Math.max(base_ms, longestEjectionMs) : parseDurationMs(max), panic };
}

const longestEjectionMs = 300_000;
