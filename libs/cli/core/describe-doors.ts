import type { StatusReply } from '@kedge/shared/contracts';

interface Doors {
  readonly proxyPort: number;
  /** Undefined where HTTPS is not served. */
  readonly httpsPort?: number | undefined;
  /** What the configuration in force says of them; undefined where nobody has said it. */
  readonly declared?: StatusReply['doors'];
}

/** Where the proxy of the stack of `kedge dev` answers for these routes (`host/path`), as a sentence; empty for none. */
export function describeDoors(routes: readonly string[], { proxyPort, httpsPort, declared }: Doors): string {
  if (routes.length === 0) return '';
  if (declared?.enabled === false) return 'Its proxy is closed, as the configuration says (proxy.enabled).';
  const plain = `Its proxy listens on port ${proxyPort}`;
  if (httpsPort === undefined || declared?.strategy === 'http-only') return `${plain}.`;
  const addresses = [...new Set(routes)].filter((route) => !route.startsWith('*')).map((route) => `https://${withPort(route, httpsPort)}`);
  const where = addresses.length === 0 ? '' : `: ${addresses.join(', ')}`;
  const secure = declared?.strategy === 'https-only' ? 'and redirects to HTTPS' : 'and for HTTPS';
  return `${plain}, ${secure} on ${httpsPort} with self-signed certificates${where}.`;
}

function withPort(route: string, port: number): string {
  const slash = route.indexOf('/');
  const [host, path] = slash === -1 ? [route, '/'] : [route.slice(0, slash), route.slice(slash)];
  return port === 443 ? `${host}${path}` : `${host}:${port}${path}`;
}
