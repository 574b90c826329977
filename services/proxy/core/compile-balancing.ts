import type { Balancing, EndpointsEntry } from '@kedge/shared/contracts';
import type { EjectionPlan } from './ejection.ts';
import { cookieOf, type StickyCookie, stickyCookie } from './sticky-cookie.ts';

/** What of a request decides who gets it. */
export type HashKey =
  | { readonly kind: 'client-ip' }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string };

/** How the requests of a service are spread. */
export interface CompiledBalancing {
  readonly leastRequests: boolean;
  /** Null: nothing of the request decides. */
  readonly hashKey: HashKey | null;
  /** Null: nobody stays with a target. */
  readonly sticky: StickyCookie | null;
  readonly eject: EjectionPlan | null;
  readonly retry: Balancing['retry'] | null;
  readonly check: Balancing['check'] | null;
  readonly limit: Balancing['limit'] | null;
  /** Weights by release; null where there is nothing to divide. */
  readonly shares: ReadonlyMap<string, number> | null;
}

/** What an entry says; null where targets take turns and nothing else. What is not understood is passed over. */
export function compileBalancing({
  service,
  balancing = {},
  shares = [],
  targets,
}: Pick<EndpointsEntry, 'service' | 'balancing' | 'shares' | 'targets'>): CompiledBalancing | null {
  const { balance, hash_by, sticky, eject, retry, check, limit } = balancing;
  const compiled: CompiledBalancing = {
    leastRequests: balance === 'least-requests',
    hashKey: balance === 'hash' ? hashKeyOf(hash_by) : null,
    sticky: sticky ? stickyCookie(sticky.cookie ?? cookieOf(service), targets) : null,
    eject: eject ? { failures: eject.failures, baseMs: eject.base_ms, maxMs: eject.max_ms, panicPercent: eject.panic } : null,
    retry: retry ?? null,
    check: check ?? null,
    limit: limit ?? null,
    shares: shares.length > 0 ? new Map(shares.map(({ release, weight }) => [release, weight])) : null,
  };
  return Object.values(compiled).some((part) => part !== null && part !== false) ? compiled : null;
}

function hashKeyOf(text = 'client-ip'): HashKey | null {
  const [kind, name = ''] = text.split(':', 2);
  if (kind === 'client-ip') return { kind };
  if (kind === 'header' && name !== '') return { kind, name: name.toLowerCase() };
  return kind === 'cookie' && name !== '' ? { kind, name } : null;
}
