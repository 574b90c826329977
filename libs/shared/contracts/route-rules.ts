import { z } from 'zod';

/** A name or an address as it stands in an address of the web. */
const WebHost = z.string().regex(/^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})$/i, 'must be a host name or address');

/**
 * What holds for the requests of one route. It is strict: a rule that a proxy does not know may be the one that protects the route, which
 * then stays closed.
 */
export const RouteRules = z
  .strictObject({
    /** Every request is to be asked again at another host. */
    redirect: z.strictObject({ to: WebHost, permanent: z.boolean() }).optional(),
  })
  .meta({ id: 'RouteRules' });
export type RouteRules = z.infer<typeof RouteRules>;
