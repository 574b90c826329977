import type { RouteRules } from '@kedge/shared/contracts';
import type { ShortAnswer } from './error-page.ts';

interface Asked {
  readonly method: string;
  /** As the client wrote it. */
  readonly authority: string;
  readonly path: string;
  /** How the client asked, as far as it is believed. */
  readonly protocol: string;
}

/** Sends a request to the same path of another host, by the protocol and at the port that it came to. Other methods than GET and HEAD stay what they are. */
export function hostRedirect(
  { method, authority, path, protocol }: Asked,
  { to, permanent }: NonNullable<RouteRules['redirect']>,
): ShortAnswer {
  const mayChange = method === 'GET' || method === 'HEAD';
  const status = permanent ? (mayChange ? 301 : 308) : mayChange ? 302 : 307;
  const [port = ''] = /:\d+$/.exec(authority) ?? [];
  const address = `${protocol === 'https' ? 'https' : 'http'}://${to}${port}${path.startsWith('/') ? path : '/'}`;
  return redirectTo(address, status);
}

const reasons = { 301: 'Moved Permanently', 302: 'Found', 307: 'Temporary Redirect', 308: 'Permanent Redirect' } as const;

/** Tells the client where to ask; for ever, as Dispenser does, unless told otherwise. */
export function redirectTo(address: string, status: keyof typeof reasons = 301): ShortAnswer {
  const body = `<html><body>${status} ${reasons[status]}</body></html>`;
  const headers = ['Content-Type', 'text/html', 'Content-Length', String(body.length), 'Location', address];
  return { status, reason: reasons[status], headers, body };
}
