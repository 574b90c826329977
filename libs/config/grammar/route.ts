interface Routed {
  readonly proxy?:
    | {
        readonly host?: string | undefined;
        readonly hosts?: readonly string[] | undefined;
        readonly path?: string | undefined;
        readonly redirect_from?: readonly string[] | undefined;
      }
    | undefined;
}

/** The routes that a service claims, those that it redirects last, however they are written; none without `[proxy]`. Host names are the same in any case, paths are not. */
export function routesOf({ proxy }: Routed): readonly string[] {
  const hosts = proxy?.hosts ?? (proxy?.host === undefined ? [] : [proxy.host]);
  return [...hosts, ...(proxy?.redirect_from ?? [])].map((host) => `${host.toLowerCase()}${normalPath(proxy?.path ?? '/')}`);
}

function normalPath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return rooted.replace(/\/+$/, '') || '/';
}
