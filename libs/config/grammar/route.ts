import type { Pointer } from './toml-places.ts';

/** `null` stands for a host that is not well-formed. */
type Hosts = readonly (string | null)[];

interface Routed {
  readonly proxy?:
    | {
        readonly host?: string | undefined;
        readonly hosts?: Hosts | undefined;
        readonly path?: string | undefined;
        readonly redirect_from?: Hosts | undefined;
      }
    | undefined;
}

/** A route that a service claims, and the key that names its host. */
export interface RouteClaim {
  readonly route: string;
  readonly pointer: Pointer;
}

/** The routes that a service claims, those that it redirects last, however they are written; none without `[proxy]`. Host names are the same in any case, paths are not. */
export function routesOf(routed: Routed): readonly string[] {
  return routeClaims(routed).map(({ route }) => route);
}

/** The same, each with its place. */
export function routeClaims({ proxy }: Routed): readonly RouteClaim[] {
  if (!proxy) return [];
  const { host, hosts, redirect_from = [] } = proxy;
  const path = normalPath(proxy.path ?? '/');
  const claim = (each: string | null, pointer: Pointer) => (each === null ? [] : [{ route: `${each.toLowerCase()}${path}`, pointer }]);
  return [
    ...(hosts ?? []).flatMap((each, index) => claim(each, ['proxy', 'hosts', index])),
    ...(hosts === undefined && host !== undefined ? claim(host, ['proxy', 'host']) : []),
    ...redirect_from.flatMap((each, index) => claim(each, ['proxy', 'redirect_from', index])),
  ];
}

/** The host of which the others are further names; undefined where there is none, or where it is not well-formed. */
export function firstHost(proxy: Routed['proxy']): string | undefined {
  return proxy?.host ?? proxy?.hosts?.[0] ?? undefined;
}

function normalPath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return rooted.replace(/\/+$/, '') || '/';
}
