interface Doors {
  readonly proxyPort: number;
  /** Undefined where HTTPS is not served. */
  readonly httpsPort?: number | undefined;
}

/** Where the proxy of the stack of `kedge dev` answers for these routes (`host/path`), as a sentence; empty for none. */
export function describeDoors(routes: readonly string[], { proxyPort, httpsPort }: Doors): string {
  if (routes.length === 0) return '';
  const plain = `Its proxy listens on port ${proxyPort}`;
  if (httpsPort === undefined) return `${plain}.`;
  const addresses = [...new Set(routes)].map((route) => `https://${withPort(route, httpsPort)}`);
  return `${plain}, and for HTTPS on ${httpsPort} with self-signed certificates: ${addresses.join(', ')}.`;
}

function withPort(route: string, port: number): string {
  const slash = route.indexOf('/');
  const [host, path] = slash === -1 ? [route, '/'] : [route.slice(0, slash), route.slice(slash)];
  return port === 443 ? `${host}${path}` : `${host}:${port}${path}`;
}
