import { allRoutes, type ProxySettings, type Route, type SecretRef, type ServiceName, type Target } from '@kedge/shared/contracts';
import { type AccessPlan, accessPlanOf } from './access-line.ts';
import { type AddressSet, addressSet, everyAddress, noAddress } from './address-set.ts';
import type { KnownEndpoints } from './adopt-endpoints.ts';
import { type Claim, compareClaims } from './compare-claims.ts';
import { type CompiledBalancing, compileBalancing } from './compile-balancing.ts';
import { type CompiledRules, createRuleCompiler, type RuleCompiler, type readRules } from './compile-rules.ts';
import { hasDotSegment } from './dot-segments.ts';
import { hostOfAuthority, hostOfRoute } from './host-name.ts';
import { withoutLastSlashes } from './last-slashes.ts';
import { type Marks, marksOf } from './mark-request.ts';
import { type PortRoute, portRoutes } from './port-table.ts';

/** What a route leads to. All routes of a service share one. */
export interface RoutedService {
  readonly name: ServiceName;
  /** Targets that may get new requests. */
  readonly ready: readonly Target[];
  /** While nothing is ready, requests wait for a moment instead of being refused. */
  readonly hold: boolean;
  /** Null: its targets take turns. */
  readonly balancing: CompiledBalancing | null;
}

/** A service whose targets are to be asked whether they serve, and how. */
export interface CheckedService extends Pick<RoutedService, 'name' | 'ready'> {
  readonly check: NonNullable<CompiledBalancing['check']>;
  /** The first of its hosts. */
  readonly host: string;
  readonly scheme: CompiledRules['scheme'];
}

/**
 * What a look-up ends with; `malformed` is a host that no name can be, `ambiguous` a path that others may resolve to another place than the one
 * whose rules were asked.
 */
export type Lookup = Found | { readonly kind: 'unknown' } | { readonly kind: 'malformed' } | { readonly kind: 'ambiguous' };

/** A route, as the table holds it: the same value for every request. */
export interface Found {
  readonly kind: 'found';
  readonly service: RoutedService;
  /** What holds for its requests; null for nothing. */
  readonly rules: CompiledRules | null;
}

/** A route whose rules cannot all be read, and why: nobody is answered there but with 503. */
export interface ClosedRoute {
  readonly service: ServiceName;
  readonly host: string;
  readonly path: string;
  readonly reason: string;
}

/** Two services that claim the same place, and which of them has it. */
export interface RouteConflict {
  readonly host: string;
  readonly path: string;
  readonly kept: ServiceName;
  readonly refused: ServiceName;
}

/** Where requests go, for all hosts; never changed after it was built. */
export interface RouteTable {
  /** By exact name, by `*.example.com`, and by `*` for all others. */
  readonly hosts: ReadonlyMap<string, HostRoutes>;
  readonly conflicts: readonly RouteConflict[];
  readonly closed: readonly ClosedRoute[];
  /** Of all rates that clients have somewhere. */
  readonly rateKeys: ReadonlySet<string>;
  /** Where the hashes of passwords are that some route needs. */
  readonly hashes: ReadonlyMap<string, SecretRef>;
  /** Ids of all targets that may get new requests. */
  readonly readyTargets: ReadonlySet<string>;
  /** Names of all services, also of those without routes or targets. */
  readonly services: ReadonlySet<ServiceName>;
  /** Ids of all targets, also of those that drain. */
  readonly targets: ReadonlySet<string>;
  /** Where connections of TCP are taken, by `key`. */
  readonly ports: ReadonlyMap<string, PortRoute>;
  readonly checked: readonly CheckedService[];
  /** False: the listener is closed. */
  readonly enabled: boolean;
  readonly strategy: NonNullable<ProxySettings['strategy']>;
  /** Peers whose forwarding headers are believed, because they are proxies that stand before this one. */
  readonly trusts: AddressSet;
  /** What targets are told beside who asked; null for nothing. */
  readonly marks: Marks | null;
  /** Peers that have to tell first for whom they connect; null for none. */
  readonly senders: AddressSet | null;
  /** What of requests is written down; null for nothing. */
  readonly access: AccessPlan | null;
}

interface HostRoutes {
  readonly byPath: ReadonlyMap<string, Found>;
  /** Length of the longest path: nothing beyond it can match. */
  readonly longest: number;
  /** Some path of it has rules. */
  readonly isRuled: boolean;
}

const unknown: Lookup = { kind: 'unknown' };
const malformed: Lookup = { kind: 'malformed' };
const ambiguous: Lookup = { kind: 'ambiguous' };

/** Builds one table after the other: what was read of rules for one holds for the next too. */
export function createTableBuilder(read?: typeof readRules): (known: KnownEndpoints) => RouteTable {
  const compileRules = createRuleCompiler(read);
  return (known) => buildRouteTable(known, compileRules);
}

/** Builds a table. Where services claim the same place, `compareClaims` decides. */
export function buildRouteTable(
  { epoch, services, settings }: KnownEndpoints,
  compileRules: RuleCompiler = createRuleCompiler(),
): RouteTable {
  const hosts = new Map<string, Map<string, Found>>();
  const conflicts: RouteConflict[] = [];
  const closed: ClosedRoute[] = [];
  const rateKeys = new Set<string>();
  const hashes = new Map<string, SecretRef>();
  const readyTargets = new Set<string>();
  const listed = new Set<string>();
  const ports = new Map<string, PortRoute>();
  const claimants = [...services.values()].map(({ entry, revision }) => {
    const { service: name, targets, hold = false } = entry;
    const service: RoutedService = {
      name,
      ready: targets.filter(({ state }) => state === 'ready'),
      hold,
      balancing: compileBalancing(entry),
    };
    const claim: Claim = { name, serves: hold || service.ready.length > 0, revision };
    for (const { id } of targets) listed.add(id);
    return { service, routes: allRoutes(entry), ports: portRoutes(entry, service), claim };
  });
  const byClaim = compareClaims(epoch);
  claimants.sort((left, right) => byClaim(left.claim, right.claim));
  for (const { service, routes, ports: claimed } of claimants) {
    const { name } = service;
    for (const { id } of service.ready) readyTargets.add(id);
    for (const port of claimed) {
      const holder = ports.get(port.key);
      if (holder) conflicts.push({ host: `port ${port.key}`, path: '', kept: holder.service.name, refused: name });
      else ports.set(port.key, port);
    }
    for (const route of routes) {
      const host = hostOfRoute(route.host);
      const paths = hosts.get(host) ?? new Map<string, Found>();
      hosts.set(host, paths);
      const path = pathOfRoute(route.path);
      const holder = paths.get(path);
      if (holder && holder.service.name !== name) conflicts.push({ host, path, kept: holder.service.name, refused: name });
      else {
        const rules = route.rules === undefined ? null : compileRules(route.rules, { host, path });
        for (const [key, secret] of rules?.auth?.hashes ?? []) hashes.set(key, secret);
        if (rules?.rate) rateKeys.add(rules.rate.key);
        if (rules?.closed) closed.push({ service: name, host, path, reason: rules.closed });
        paths.set(path, { kind: 'found', service, rules });
      }
    }
  }
  return {
    hosts: new Map([...hosts].map(([host, byPath]) => [host, hostRoutes(byPath)])),
    conflicts: conflicts.sort((left, right) => (describeConflict(left) < describeConflict(right) ? -1 : 1)),
    closed,
    rateKeys,
    hashes,
    readyTargets,
    services: new Set(claimants.map(({ service }) => service.name)),
    targets: listed,
    ports,
    checked: claimants.flatMap(({ service, routes: [route] }) => checkedService(service, route)),
    enabled: settings.enabled ?? true,
    strategy: settings.strategy ?? 'https-only',
    trusts: trusted(settings),
    marks: marksOf(settings),
    senders: settings.proxy_protocol_from?.length ? addressSet(settings.proxy_protocol_from) : null,
    access: accessPlanOf(settings),
  };
}

/** As the rules have it, where a proxy may read them. */
function schemeOf(route: Route | undefined): CompiledRules['scheme'] {
  const known = ['http', 'h2c', 'https', 'https-unverified'] as const;
  return known.find((scheme) => scheme === route?.rules?.scheme) ?? 'http';
}

function checkedService({ name, ready, balancing }: RoutedService, route: Route | undefined): CheckedService[] {
  const check = balancing?.check;
  if (!check) return [];
  // Many servers refuse hosts that are not theirs, and a pattern is nobody's.
  const host = check.host ?? (route === undefined || route.host.includes('*') ? 'localhost' : route.host);
  return [{ name, ready, check, host, scheme: schemeOf(route) }];
}

function hostRoutes(byPath: ReadonlyMap<string, Found>): HostRoutes {
  return {
    byPath,
    longest: Math.max(...[...byPath.keys()].map((path) => path.length)),
    isRuled: [...byPath.values()].some(({ rules }) => rules !== null),
  };
}

function trusted({ trust_forwarded_headers, trusted_proxies }: ProxySettings): AddressSet {
  if (trust_forwarded_headers === true) return everyAddress;
  return trusted_proxies === undefined ? noAddress : addressSet(trusted_proxies);
}

/** The place that a request asks for. */
export interface Place {
  /** As the client wrote it: port, case and a last dot do not matter. */
  readonly authority: string;
  /** The request target in origin form, with its query. */
  readonly path: string;
}

/**
 * Finds the route of a request, with as many looks at the table whatever its size. The exact host goes before `*.example.com`, which stands for
 * one label, and that before `*`; one that has no route for the path leaves the request to the next.
 * The longest path wins, on borders of segments: `/api` matches `/api`, `/api/`, `/api/v1` and `/api?x`, not `/api-v2`.
 */
export function lookUp({ hosts }: RouteTable, { authority, path }: Place): Lookup {
  // Nearly always the client writes the host as it is declared, and nothing has to be normalised.
  const exact = authority.includes('*') ? null : matchPath(hosts.get(authority), path);
  if (exact) return exact;
  const host = hostOfAuthority(authority);
  if (host === null) return malformed;
  const dot = host.indexOf('.');
  return (
    (host === authority ? null : matchPath(hosts.get(host), path)) ??
    (dot > 0 ? matchPath(hosts.get(`*${host.slice(dot)}`), path) : null) ??
    matchPath(hosts.get('*'), path) ??
    unknown
  );
}

function matchPath(routes: HostRoutes | undefined, target: string): Lookup | null {
  if (!routes) return null;
  const { byPath, longest, isRuled } = routes;
  if (isRuled && hasDotSegment(target)) return ambiguous;
  if (longest > 1) {
    for (let end = firstEnd(target, longest); end > 1; end = target.lastIndexOf('/', end - 1)) {
      const found = byPath.get(target.slice(0, end));
      if (found) return found;
    }
  }
  return byPath.get('/') ?? null;
}

/** Where the path ends, or the last border of a segment that the longest route can still reach. */
function firstEnd(target: string, longest: number): number {
  const query = target.search(/[?#]/);
  const end = query === -1 ? target.length : query;
  return end <= longest + 1 ? end : target.lastIndexOf('/', longest);
}

/** Names a conflict: the same place between the same two, decided in the same way. */
export function describeConflict({ host, path, kept, refused }: RouteConflict): string {
  return `${host}${path} ${kept} ${refused}`;
}

function pathOfRoute(declared: string): string {
  const rooted = declared.startsWith('/') ? declared : `/${declared}`;
  return withoutLastSlashes(rooted) || '/';
}
