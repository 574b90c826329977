import { RouteRules, type SecretRef } from '@kedge/shared/contracts';
import { type AddressSet, addressSet, everyAddress } from './address-set.ts';
import { type CompiledEdits, compileEdits } from './header-edits.ts';
import { type MaintenanceAnswer, maintenanceAnswer } from './maintenance.ts';
import type { Rate } from './rate.ts';
import type { Rewrite } from './rewrite-path.ts';

/** How long requests wait, and how many of a service. */
export interface Pause {
  readonly timeoutMs: number;
  readonly limit: number;
}

/** Who may log in. */
export interface RouteUsers {
  /** The same for the same users with the same hashes. */
  readonly key: string;
  /** Names, and the keys of their hashes. */
  readonly users: ReadonlyMap<string, string>;
  readonly hashes: ReadonlyMap<string, SecretRef>;
}

/** How many requests of one client. */
export interface RouteRate extends Rate {
  /** The same in every table with the same rate for the same route. */
  readonly key: string;
  /** As answers tell it. */
  readonly policy: string;
}

/** Where a route begins. */
interface RoutePlace {
  readonly host: string;
  readonly path: string;
}

/** Rules as requests are judged by them. */
export interface CompiledRules {
  /** Why nobody is answered; null while all rules can be read. */
  readonly closed: string | null;
  readonly redirect: NonNullable<RouteRules['redirect']> | null;
  /** Whom it is for. */
  readonly allows: AddressSet;
  /** Bytes of a body. */
  readonly maxBody: number;
  readonly maintenance: MaintenanceAnswer | null;
  readonly auth: RouteUsers | null;
  readonly rate: RouteRate | null;
  readonly pause: Pause | null;
  readonly rewrite: Rewrite | null;
  /** How the target is spoken to. */
  readonly scheme: NonNullable<RouteRules['scheme']>;
  /** Of what goes to the target. */
  readonly requestEdits: CompiledEdits | null;
  /** Of what the target answers. */
  readonly responseEdits: CompiledEdits | null;
}

/** Rules that are the same wherever their route begins. */
type GroupRules = Omit<CompiledRules, 'rate' | 'rewrite'> & Pick<RouteRules, 'rate_limit' | 'rewrite'>;

/** Compiles the rules of the route at this place. */
export type RuleCompiler = (rules: Readonly<Record<string, unknown>>, place: RoutePlace) => CompiledRules;

/** Rules that are the same value are read once, however many places they hold for, and in however many tables. */
export function createRuleCompiler(read: typeof readRules = readRules): RuleCompiler {
  const groups = new WeakMap<Readonly<Record<string, unknown>>, GroupRules>();
  return (rules, { host, path }) => {
    const group = groups.get(rules) ?? read(rules);
    groups.set(rules, group);
    const { rate_limit, rewrite } = group;
    return {
      ...group,
      rate: rate_limit ? rateOf(rate_limit, `${host}${path}`) : null,
      rewrite: rewrite === undefined ? null : { from: path, to: rewrite },
    };
  };
}

/** Reads rules as far as they do not depend on a place. What cannot be read closes the route: one that is left out may be the one that protects it. */
export function readRules(rules: Readonly<Record<string, unknown>>): GroupRules {
  const parsed = RouteRules.safeParse(rules);
  const {
    redirect = null,
    allow,
    max_body = Number.POSITIVE_INFINITY,
    maintenance,
    basic_auth,
    pause,
    scheme = 'http',
    ...rest
  } = parsed.data ?? {};
  return {
    closed: parsed.error ? reasonOf(parsed.error.issues) : null,
    redirect,
    allows: allow ? addressSet(allow) : everyAddress,
    maxBody: max_body,
    maintenance: maintenance ? maintenanceAnswer(maintenance) : null,
    auth: basic_auth ? usersOf(basic_auth) : null,
    pause: pause ? { timeoutMs: pause.timeout_ms, limit: pause.limit } : null,
    scheme,
    requestEdits: compileEdits(rest.request_headers),
    responseEdits: compileEdits(rest.response_headers),
    rate_limit: rest.rate_limit,
    rewrite: rest.rewrite,
  };
}

/** Names the places alone: what stands there is nobody's business. */
function reasonOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[]): string {
  const places = issues.map(({ path, ...issue }) => ['rules', ...path, ...('keys' in issue ? [String(issue.keys)] : [])].join('.'));
  return `not understood by this version: ${places.join(', ')}`;
}

/** One for the same value of the same secret. */
function hashKey({ ref, fingerprint }: SecretRef): string {
  return `${fingerprint} ${ref}`;
}

function usersOf(given: NonNullable<RouteRules['basic_auth']>): RouteUsers {
  const users = new Map(Object.entries(given).map(([user, secret]) => [user, hashKey(secret)]));
  const hashes = new Map(Object.values(given).map((secret) => [hashKey(secret), secret]));
  return { key: JSON.stringify([...users]), users, hashes };
}

function rateOf({ requests, window_ms }: NonNullable<RouteRules['rate_limit']>, place: string): RouteRate {
  const policy = `"default";q=${requests};w=${Math.round(window_ms / 1_000)}`;
  return { count: requests, windowMs: window_ms, key: `${place} ${requests}/${window_ms}`, policy };
}
