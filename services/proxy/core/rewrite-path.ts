import { withoutLastSlashes } from './last-slashes.ts';

/** What the beginning of a path becomes. */
export interface Rewrite {
  /** The path of the route: every path that it matches begins with it. */
  readonly from: string;
  readonly to: string;
}

/**
 * The request target with another beginning; its query stays. What is left behind `from` begins with a single `/`: with two, others would take it
 * for a host. The asterisk of OPTIONS is no path.
 */
export function rewritePath(target: string, { from, to }: Rewrite): string {
  if (!target.startsWith('/')) return target;
  const rest = from === '/' ? target : target.slice(from.length);
  const path = `${withoutLastSlashes(to)}${rest.replace(/^\/+/, '/')}`;
  return path.startsWith('/') ? path : `/${path}`;
}
