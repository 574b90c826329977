import { AddressRange, MaintenancePage, PathPrefix, UserName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { FilePath } from './address-forms.ts';
import { balancingKeys } from './balancing-keys.ts';
import { headerEdits } from './header-edits.ts';
import { Duration, Port, RateWindow, SecretAlone, Size } from './leaf-forms.ts';
import { RouteHost, RoutePath } from './route-forms.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';

const statusForm = 'must be a status from 200 to 599';

const noHost = 'must name at least one host';
const mostHosts = 1_000;
const hostList = () => formed(z.array(RouteHost).min(1, noHost).max(mostHosts, `must not name more than ${mostHosts}`), 'array of hosts');

/** `[proxy]` of a `service.toml`: where requests come from, and what holds for them. */
export const Route = z
  .strictObject({
    host: told(RouteHost, {
      description:
        'a bare name or address, matched whatever its case; `*.example.com` is every name with one more label, `*` every host that nobody else has',
      fallback: '`hosts`',
    }).optional(),
    hosts: told(hostList(), {
      description: 'several, in the place of `host`; one of the two must be there',
      fallback: '`host`',
    }).optional(),
    redirect_from: told(hostList(), {
      description: 'hosts whose requests are sent to the first of those above, `www.example.com` for example, with path and query',
      fallback: 'none',
    }).optional(),
    redirect: told(spelling({ permanent: [], temporary: [] }), {
      description: 'by 301 and 302 for GET and HEAD, 308 and 307 for other methods, which those keep',
      default: 'permanent',
    }).optional(),
    path: told(RoutePath, {
      description: 'where paths begin: `/api` matches `/api` and `/api/x`; it is not cut off, unless `strip_prefix` or `rewrite` say so',
      default: '/',
    }).optional(),
    service_port: told(Port, 'of the container'),
    service_scheme: told(spelling({ http: [], h2c: [], https: [] }), {
      description:
        'how it is spoken to there: `h2c` is HTTP/2 without TLS, as gRPC wants it; its clients use HTTPS, which has HTTP/2. `https` is HTTP/1.1 with TLS',
      default: 'http',
    }).optional(),
    service_tls_verify: told(z.boolean(), {
      description:
        'with `service_scheme = "https"`: its certificate has to be for the host that is asked for, by an authority that the proxy trusts',
      default: true,
    }).optional(),
    allow: told(
      formed(
        z.array(AddressRange).min(1, 'must name at least one; without it everybody is served').max(1_000, 'must not name more than 1000'),
        'array of address ranges',
      ),
      {
        description: 'only clients of these addresses and ranges are served (10.0.0.0/8, 2001:db8::/32), others get 403',
        fallback: 'everybody',
      },
    ).optional(),
    max_body: told(Size, { description: 'of the body of a request; one that is larger gets 413', fallback: 'none' }).optional(),
    maintenance: told(z.boolean(), { description: 'everybody gets the page of maintenance', default: false }).optional(),
    maintenance_status: told(formed(z.int().min(200, statusForm).max(599, statusForm), '200 to 599'), {
      description: 'its status; 204, 205 and 304 have no page',
      default: 503,
    }).optional(),
    maintenance_page: told(MaintenancePage, {
      description: 'the page itself: HTML when it begins with `<`, else plain text; at most 65536 characters',
      fallback: 'a short one',
    }).optional(),
    pause: told(z.boolean(), { description: 'requests wait until it is taken away', default: false }).optional(),
    pause_timeout: told(Duration, { description: 'for how long; then 503', default: '30s' }).optional(),
    pause_limit: told(formed(z.int().min(1, 'must be at least 1'), 'number'), {
      description: 'how many of a service wait at each proxy; others get 503 at once',
      default: 1_000,
    }).optional(),
    strip_prefix: told(z.boolean(), {
      description: 'the service gets paths without `path`, which `X-Forwarded-Prefix` tells it',
      default: false,
    }).optional(),
    rewrite: told(formed(PathPrefix, 'path'), {
      description: 'what the service gets in the place of `path`',
      fallback: '`path`',
    }).optional(),
    basic_auth: told(
      z.record(UserName, SecretAlone),
      'names, and the hashes of their passwords (argon2id, as `$argon2id$v=19$m=65536,t=3,p=1$…`, or bcrypt), each from a variable; others get 401',
    ).optional(),
    rate_limit: told(
      z.strictObject({
        requests: told(
          formed(z.int().min(1, 'must be at least 1'), 'number'),
          'of one client, to each host of the route, at each proxy; an IPv6 client is its /64',
        ),
        window: told(RateWindow, 'the time in which; they come back evenly'),
      }),
      'how many requests a client may send; answers tell it by `RateLimit` and `RateLimit-Policy`, and what is beyond gets 429',
    ).optional(),
    request_headers: told(
      headerEdits('headers that the service gets, in the place of those that the client sent'),
      'what is changed of the headers of requests before the service gets them',
    ).optional(),
    response_headers: told(
      headerEdits('headers that the client gets, in the place of those that the service sent'),
      'what is changed of the headers of answers; those that the proxy gives itself stay as they are',
    ).optional(),
    ...balancingKeys,
    cert_file: told(FilePath, { description: 'PEM file; needs `key_file`; not used by this version', fallback: 'none' }).optional(),
    key_file: told(FilePath, { description: 'PEM file; needs `cert_file`; not used by this version', fallback: 'none' }).optional(),
  })
  .meta({ oneOf: [{ required: ['host'] }, { required: ['hosts'] }] });

/** What of it may matter although something is wrong in it; `null` stands for a host that is not well-formed. */
export const RoutePart = Route.partial()
  .extend({ hosts: z.array(RouteHost.nullable()).optional(), redirect_from: z.array(RouteHost.nullable()).optional() })
  .strip();
