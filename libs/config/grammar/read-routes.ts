import { hash as hashOf } from 'node:crypto';
import {
  type Balancing,
  type ConfigProblem,
  type EndpointPort,
  idleMsOf,
  type ProxySettings,
  type Route,
  routingOf,
  type SecretRef,
  ServiceName,
} from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { checkTable } from './check-table.ts';
import { routing } from './declared-route.ts';
import { judgeRoutes } from './judge-static-routes.ts';
import { problemList } from './problem-list.ts';
import { proxySettings } from './proxy-settings.ts';
import { RoutesFile, RoutesPart, type StaticRoute, type TargetAddress } from './routes-file.ts';
import { asWritten } from './source-place.ts';
import { parseTemplate } from './template-file.ts';

/** One `[[route]]` or `[[port]]`. */
export interface StaticService {
  /** Each once. */
  readonly name: ServiceName;
  readonly targets: readonly TargetAddress[];
  readonly routes: readonly Route[];
  readonly balancing: Balancing | null;
  readonly ports: readonly EndpointPort[];
}

/** What a file of routes says. */
export interface StaticRoutes {
  readonly settings: ProxySettings;
  readonly services: readonly StaticService[];
  /** Hashes of passwords, by the `ref` by which rules name them. */
  readonly hashes: ReadonlyMap<string, Sealed>;
}

export type RoutesReading = { readonly routes: StaticRoutes } | { readonly problems: readonly ConfigProblem[] };

/** Reads the routes of a proxy that runs alone; all that is wrong is told together, each at its place. */
export function readRoutes(path: string, source: string): RoutesReading {
  const parsed = parseTemplate({ path, source, rendered: source, map: asWritten, tainted: [] });
  if ('problems' in parsed) return { problems: problemList(parsed.problems) };
  const { file } = parsed;
  const { value, part, problems } = checkTable({ file, root: file.root, schema: RoutesFile, part: RoutesPart });
  const wrong = [...problems, ...judgeRoutes(part ?? {}, file)];
  return value === null || wrong.length > 0 ? { problems: problemList(wrong) } : { routes: declared(value) };
}

function declared({ proxy = {}, route, port }: RoutesFile): StaticRoutes {
  const hashes = new Map<string, Sealed>();
  const names = new Set<string>();
  const routed = route.map((each): StaticService => {
    const name = freeName(nameOf(each), names);
    return { name, targets: each.targets, ...routingFor(each, { name, hashes }), ports: [] };
  });
  const ported = port.map(({ targets, idle_timeout, tls: tls_host, ...each }): StaticService => {
    const name = freeName(`port-${each.host}`, names);
    const idle_ms = idleMsOf({ ...each, idle_timeout });
    return { name, targets, routes: [], balancing: null, ports: [{ ...each, ...(tls_host !== undefined && { tls_host }), idle_ms }] };
  });
  return { settings: proxySettings(proxy), services: [...routed, ...ported], hashes };
}

interface Naming {
  readonly name: string;
  readonly hashes: Map<string, Sealed>;
}

/** The hashes stand apart, so that no table holds them. */
function routingFor(
  { name: _name, targets: _targets, basic_auth, ...proxy }: StaticRoute,
  { name, hashes }: Naming,
): Pick<StaticService, 'routes' | 'balancing'> {
  const users = Object.entries(basic_auth ?? {}).map(([user, hash]): [string, SecretRef] => {
    const sealed = new Sealed(hash);
    const ref = `${name} ${user}`;
    hashes.set(ref, sealed);
    return [user, { ref, fingerprint: hashOf('sha256', hash) }];
  });
  const table = { ...proxy, ...(users.length > 0 && { basic_auth: Object.fromEntries(users) }), service_port: 1 };
  const { routes = [], balancing = null } = routingOf(routing(table)) ?? {};
  return { routes, balancing };
}

/** What is not said: the first host and its path, as far as a name of a service can hold them. */
function nameOf({ name, host, hosts = [], path = '' }: Pick<StaticRoute, 'name' | 'host' | 'hosts' | 'path'>): string {
  const said = name ?? `${host ?? hosts[0] ?? ''}/${path}`;
  const plain = said.replaceAll(/[^a-zA-Z0-9_.-]+/g, '-').replaceAll(/^[^a-zA-Z0-9]+|-+$/g, '');
  const short = plain.slice(0, longestName);
  return short.length < shortestName ? `route-${short || 'all'}` : short;
}

/** A name of a service has 2 to 63 characters, and a number may be needed behind it. */
const [shortestName, longestName] = [2, 56];

function freeName(wanted: string, taken: Set<string>): ServiceName {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
  taken.add(name);
  return ServiceName.parse(name);
}
