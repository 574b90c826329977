import { z } from 'zod';
import { Balancing } from './balancing.ts';
import { owing } from './cloud-event.ts';
import { NodeName, ReleaseName, Revision, ServiceName, Ulid } from './names.ts';
import { ProxySettings } from './service-spec.ts';

/** Where requests of one container go. The address is fixed for the life of the container. */
export const Target = z
  .object({
    /** Container id. */
    id: z.string(),
    address: z.ipv4(),
    port: z.int().min(1).max(65_535),
    release: ReleaseName,
    /** `ready` gets requests; `draining` gets no new ones and finishes what it has. */
    state: z.enum(['ready', 'draining']),
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof Target>;

/** Without port, lower case; `path` begins with `/` and has no trailing one (except `/` itself). */
const RoutePlace = z.object({ host: z.string(), path: z.string() });

/** A port on which proxies take connections, or datagrams, for a service. They go to its ready targets, whichever port requests go to. */
const EndpointPort = z.object({
  host: z.int().min(1).max(65_535),
  /** Absent: every address that the proxy listens on. */
  host_ip: z.string().optional(),
  /** Where the containers listen; absent: each where its target says. */
  container: z.int().min(1).max(65_535).optional(),
  /** Absent: TCP. `udp`; a proxy that does not know it leaves the port closed. */
  protocol: z.string().optional(),
  /** After so long without a byte a connection ends; of UDP, what a client and its target have to do with each other. */
  idle_ms: z.int().min(1),
  /** Clients speak TLS, and are shown the certificate of this host; what they say reaches targets without. */
  tls_host: z.string().optional(),
  /** `v1` or `v2`; a proxy that does not know the version leaves the port closed. */
  proxy_protocol: z.string().optional(),
});
export type EndpointPort = z.infer<typeof EndpointPort>;

/** KV `endpoints`, key `<node>.<service>`: the routes of a service and the targets behind them, always of releases that passed their gates. */
export const EndpointsEntry = z
  .object({
    node: NodeName,
    service: ServiceName,
    routes: z.array(RoutePlace),
    /**
     * Routes with rules, which are not among `routes`: who knows no rules must not answer without them. Those with the same rules stand together.
     * The rules are what `RouteRules` reads; a proxy that cannot read them all keeps the routes closed.
     */
    ruled: z.array(z.object({ places: z.array(RoutePlace), rules: z.record(z.string(), z.unknown()) })).optional(),
    targets: z.array(Target),
    /** Ports where connections of TCP are taken; they are balanced as such, whatever is said on them. */
    ports: z.array(EndpointPort).optional(),
    /** How requests are spread over the targets; absent: they take turns. */
    balancing: Balancing.optional(),
    /** What each release gets of the requests, in proportion to the others; one that is not named gets none while another has targets. */
    shares: z.array(z.object({ release: ReleaseName, weight: z.number().min(0) })).optional(),
    /**
     * True while there is no target and one is on its way, in a stop-first rollout or because the container that served is coming back:
     * the proxy holds requests for a while instead of answering 503.
     */
    hold: z.boolean().optional(),
    /** The rollout that wrote this. */
    rollout: Ulid.optional(),
    ...owing,
  })
  .meta({ id: 'EndpointsEntry' });
export type EndpointsEntry = z.infer<typeof EndpointsEntry>;

/** One route of an entry. */
export interface Route extends z.infer<typeof RoutePlace> {
  /** What `RouteRules` reads. */
  readonly rules?: Readonly<Record<string, unknown>> | undefined;
}

/** All routes of an entry, those with rules behind the others. */
export function allRoutes({ routes, ruled = [] }: Pick<EndpointsEntry, 'routes' | 'ruled'>): readonly Route[] {
  return [...routes, ...ruled.flatMap(({ places, rules }) => places.map((place) => ({ ...place, rules })))];
}

/** Routes as an entry holds them. */
export function splitRoutes(routes: readonly Route[]): Pick<EndpointsEntry, 'routes' | 'ruled'> {
  const plain: z.infer<typeof RoutePlace>[] = [];
  const ruled = new Map<string, NonNullable<EndpointsEntry['ruled']>[number]>();
  for (const { host, path, rules } of routes) {
    const key = JSON.stringify(rules);
    const group = ruled.get(key);
    if (rules === undefined) plain.push({ host, path });
    else if (group) group.places.push({ host, path });
    else ruled.set(key, { places: [{ host, path }], rules });
  }
  return { routes: plain, ...(ruled.size > 0 && { ruled: [...ruled.values()] }) };
}

/** KV `endpoints`, key `<node>._proxy`: settings for every proxy of the node. */
export const ProxySettingsEntry = z.object({ node: NodeName, settings: ProxySettings, ...owing }).meta({ id: 'ProxySettingsEntry' });
export type ProxySettingsEntry = z.infer<typeof ProxySettingsEntry>;

/** A wake for proxies: the table of this service changed at `revision`. They read KV, not this. */
export const RoutesChanged = z.object({ revision: Revision, ready: z.int(), draining: z.int() }).meta({ id: 'RoutesChanged' });
export type RoutesChanged = z.infer<typeof RoutesChanged>;
