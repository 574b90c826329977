import { z } from 'zod';
import { longestTimerMs } from '../kernel/index.ts';
import { AddressRange } from './address-range.ts';

/** A name or an address as it stands in an address of the web. */
const WebHost = z.string().regex(/^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})$/i, 'must be a host name or address');

/** Headers that say where a message ends, where it goes and who asked: the proxy alone writes those. */
const ownHeaders =
  /^(?:connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|content-length|host|expect|forwarded|x-real-ip|x-forwarded-.*)$/;

/** The name of a header that a rule may set or remove (RFC 9110 §5.6.2). */
export const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/, 'must be the name of a header: letters, digits and "-", without ":"')
  .refine((name) => !ownHeaders.test(plainHeader(name)), 'is a header that the proxy writes itself, or that ends with each connection');

/** What a rule may set it to. */
const HeaderValue = z
  .string()
  .max(4096, 'must not be longer than 4096 characters')
  .regex(/^(?:[!-~](?:[\t -~]*[!-~])?)?$/, 'must be one line of ASCII without blanks at its ends');

/** Who logs in (RFC 7617 §2): `:` ends the name. */
export const UserName = z
  .string()
  .regex(/^[^:\p{Cc}]{1,255}$/u, 'must be a name of 1 to 255 characters without ":" and without control characters');

/** What stands on a page of maintenance. */
export const MaintenancePage = z.string().max(65_536, 'must not be longer than 65536 characters');

/** What the beginning of a path may become: as it stands in a request, without a query, and no `.` or `..` that others resolve. */
export const PathPrefix = z
  .string()
  .regex(/^\/[!"$-;=@-~]*$/, 'must begin with "/", and have neither blanks, "?" nor "#"')
  .refine(
    (path) => !path.split('/').some((segment) => /^\.{1,2}$/.test(segment.replaceAll(/%2e/gi, '.'))),
    'must have neither "." nor ".." between its "/"',
  )
  .refine((path) => !path.startsWith('//'), 'must not begin with "//": others take that for the beginning of a host');

/** A header's name as others compare it: in any case, and many servers take `_` for `-`. */
export function plainHeader(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Headers and their values, each header once. */
export const HeaderValues = z
  .record(HeaderName, HeaderValue)
  .refine((values) => new Set(Object.keys(values).map(plainHeader)).size === Object.keys(values).length, 'names a header twice');

/** What is changed of the headers of a message; who is set loses the values that were there. */
const HeaderEdits = z.strictObject({ set: HeaderValues.optional(), remove: z.array(HeaderName).optional() });
export type HeaderEdits = z.infer<typeof HeaderEdits>;

/**
 * What holds for the requests of one route. It is strict: a rule that a proxy does not know may be the one that protects the route, which
 * then stays closed.
 */
export const RouteRules = z
  .strictObject({
    /** Every request is to be asked again at another host. */
    redirect: z.strictObject({ to: WebHost, permanent: z.boolean() }).optional(),
    /** Only clients of these addresses are served. */
    allow: z.array(AddressRange).min(1).max(1_000).optional(),
    /** Bytes that the body of a request may have. */
    max_body: z.int().min(0).optional(),
    /** Nobody is served; everybody gets this status, and this page where the status has one. */
    maintenance: z.strictObject({ status: z.int().min(200).max(599), page: MaintenancePage.optional() }).optional(),
    /** So many requests of one client in so long a time; the others are refused. */
    rate_limit: z.strictObject({ requests: z.int().min(1), window_ms: z.int().min(1_000).max(longestTimerMs) }).optional(),
    /** Only who has one of these names and its password is served. The hashes of the passwords are where the references say, and nowhere else. */
    basic_auth: z
      .record(UserName, z.strictObject({ ref: z.string(), fingerprint: z.string() }))
      .refine((users) => Object.keys(users).length > 0)
      .optional(),
    /** Requests wait until the rule is gone, so long and so many of them; the others are refused. */
    pause: z.strictObject({ timeout_ms: z.int().min(0).max(longestTimerMs), limit: z.int().min(1) }).optional(),
    /** What the target gets in the place of the route's own path. */
    rewrite: PathPrefix.optional(),
    /** How the target is spoken to: who spoke otherwise would not be understood. `h2c`: HTTP/2 without TLS; `https-unverified`: with any certificate. */
    scheme: z.enum(['http', 'h2c', 'https', 'https-unverified']).optional(),
    /** On the way to the target, and on the way back. */
    request_headers: HeaderEdits.optional(),
    response_headers: HeaderEdits.optional(),
  })
  .meta({ id: 'RouteRules' });
export type RouteRules = z.infer<typeof RouteRules>;
