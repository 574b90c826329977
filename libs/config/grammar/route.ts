interface Routed {
  readonly proxy?: { readonly host: string; readonly path?: string | undefined } | undefined;
}

/** The route that a service claims, however it is written; null without `[proxy]`. Host names are the same in any case, paths are not. */
export function routeOf({ proxy }: Routed): string | null {
  return proxy ? `${proxy.host.toLowerCase()}${normalPath(proxy.path ?? '/')}` : null;
}

function normalPath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return rooted.replace(/\/+$/, '') || '/';
}
