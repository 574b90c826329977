import { type EndpointsEntry, ServiceName } from '@kedge/shared/contracts';
import type { Heir } from '../core/moving-routes.ts';
import { declared, service, target } from './observed.ts';
import { node } from './simulated-proxies.ts';

/** Takes over what web has. */
export const shop = ServiceName.parse('shop');
/** Of web. */
export const route = { host: 'web.test', path: '/' };
/** Declares that route, in other letters. */
export const proxy = { host: 'Web.test:443', service_port: 80 };

/** What proxies know of web, which serves the route. */
export function entry(changes: Partial<EndpointsEntry> = {}): EndpointsEntry {
  return { node, service, routes: [route], targets: [target('c1')], ...changes };
}

/** A shop that declares the route and does not serve it yet. */
export function heir(changes: { readonly spec?: Heir['spec']; readonly endpoints?: Heir['endpoints'] } = {}): Heir {
  return { service: shop, spec: declared({ proxy }), endpoints: null, ...changes };
}
