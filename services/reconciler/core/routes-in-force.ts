import {
  type EndpointsEntry,
  type ReleaseName,
  type ReleaseRecord,
  type Route,
  type Routing,
  routingOf,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import { leadsSomewhere, sameRoute, tableOf } from './endpoints.ts';

/** The routing of the release that is planned for, under the rules that are declared now; null where nothing leads to it. */
export function routingInForce(spec: ServiceSpec, declared: ServiceSpec | null): Routing | null {
  const own = routingOf(spec);
  return own && underDeclaredRules(own, declared && routingOf(declared));
}

/**
 * The routing of what serves, under the rules that are declared now: whoever closes a route, or opens it, need not wait for the release that
 * is declared beside that. Hosts, path and port move with the release, and so does what its requests look like behind them: a rewrite, a
 * scheme, a redirect. At another port, or at a host that only one of the two knows, the rules may be about something else. Who may come in at all is
 * never declared away from what serves: perhaps only the newer release asks for itself.
 */
export function underDeclaredRules(serving: Routing, declared: Routing | null): Routing {
  if (declared?.port !== serving.port) return serving;
  return { ...serving, routes: serving.routes.map((route) => ruledAs(route, findRoute(declared.routes, route))) };
}

function ruledAs(route: Route, declared: Route | undefined): Route {
  if (!declared || route.rules?.redirect !== undefined || declared.rules?.redirect !== undefined) return route;
  const { host, path } = route;
  const { rewrite: _path, scheme: _scheme, ...wished } = declared.rules ?? {};
  const { rewrite, scheme, allow, basic_auth } = route.rules ?? {};
  const rules = {
    ...(allow !== undefined && { allow }),
    ...(basic_auth !== undefined && { basic_auth }),
    ...wished,
    ...(rewrite !== undefined && { rewrite }),
    ...(scheme !== undefined && { scheme }),
  };
  return { host, path, ...(Object.keys(rules).length > 0 && { rules }) };
}

interface InForce {
  /** Null when it is declared no more. */
  readonly spec: ServiceSpec | null;
  readonly record: ReleaseRecord | null;
  readonly endpoints: EndpointsEntry | null;
  /** The release that is wanted now; null when no image is known. */
  readonly desired: ReleaseName | null;
}

/** What is declared of the routes and waits for another release than the one that serves, each in a few words; none while one is under way. */
export function routesToCome({ spec, record, endpoints, desired }: InForce): readonly string[] {
  const { serving, rollout, waiting } = record ?? {};
  if (!spec || !endpoints || !serving || serving.release === desired || (rollout && !waiting)) return [];
  const now = tableOf(endpoints);
  const declared = routingOf(spec);
  if (!declared) return leadsSomewhere(now) ? ['the end of its routes'] : [];
  // What another service is about to take over is in the table as well, and nothing of this one.
  const own = (serving.spec && routingOf(serving.spec)?.routes) || [];
  const ending = own.filter((route) => findRoute(now.routes, route) && !findRoute(declared.routes, route));
  const isElsewhere = endpoints.targets.some(({ state, port }) => state === 'ready' && port !== declared.port);
  return [
    ...(sameJson(now.ports ?? [], declared.ports ?? []) ? [] : ['the ports of the proxy']),
    ...(sameJson(now.balancing ?? {}, declared.balancing ?? {}) ? [] : ['how requests are spread']),
    ...(isElsewhere && declared.routes.length > 0 ? [`service_port ${declared.port}`] : []),
    ...declared.routes.flatMap((route) => {
      const { host, path, rules = {} } = route;
      const found = findRoute(now.routes, route);
      if (!found) return [`${host}${path}`];
      return sameJson(found.rules ?? {}, rules) ? [] : [`the rules of ${host}${path}`];
    }),
    ...ending.map(({ host, path }) => `the end of ${host}${path}`),
  ];
}

/** What is in the table although it is declared of another service alone, each in a few words: it takes that over when it serves. */
export function routesToGo({ spec, record, endpoints, desired }: InForce): readonly string[] {
  const { serving, rollout } = record ?? {};
  if (!spec || !endpoints || rollout || serving?.release !== desired) return [];
  const own = routingOf(spec)?.routes ?? [];
  const going = tableOf(endpoints).routes.filter((route) => !findRoute(own, route));
  return going.map(({ host, path }) => `${host}${path}`);
}

function findRoute(routes: readonly Route[], route: Route): Route | undefined {
  return routes.find((each) => sameRoute(each, route));
}
