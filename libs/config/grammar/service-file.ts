import { AddressRange, HeaderName, HeaderValues, MaintenancePage, PathPrefix, UserName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { FilePath, HostAddress, HostName, MountPoint, PublishedAddress, RequestPath } from './address-forms.ts';
import { EnvFilesPart } from './compose/env-files.ts';
import { CronExpression, Duration, Port, PositiveDuration, RateWindow, SecretAlone, SecretText, Size } from './leaf-forms.ts';
import { RouteHost, RoutePath } from './route-forms.ts';
import { Service } from './service-table.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';

const nonEmpty = z.string().min(1, 'must not be empty');

const Behaviour = z.strictObject({
  watch: told(z.boolean(), 'follow the image in its registry; with `false` the first digest stays until `kedge deploy`'),
  initialize: told(spelling({ immediately: [], 'on-trigger': [] }), {
    description: '`on-trigger` starts at the first cron instant, new image or `kedge deploy`',
    default: 'immediately',
  }).optional(),
  cron: told(CronExpression, {
    description: '5 fields, 6 with seconds in front, 7 with a year behind, or a word such as `@daily`; weekday 0 and 7 are Sunday',
    fallback: 'none',
  }).optional(),
  pull: told(spelling({ always: [], 'on-startup': [] }), {
    description: '`always` takes the newest image for each run',
    default: 'on-startup',
  }).optional(),
});

const PublishedPort = z.strictObject({
  host: told(Port, "of the host; each once, and not the port of Kedge's own proxy"),
  container: told(Port, 'of the container'),
  protocol: told(spelling({ tcp: [], udp: [] }), { description: 'which of the two', default: 'tcp' }).optional(),
  host_ip: told(PublishedAddress, { description: 'of the host, IPv4 or IPv6', fallback: 'every address' }).optional(),
});

const Volume = z.strictObject({
  source: told(FilePath, 'with a `/` a path, relative ones from the folder of this file on; without one the name of a volume'),
  target: told(MountPoint, 'in the container: begins with `/`, is not `/`; each once'),
  readonly: told(z.boolean(), { description: 'the container cannot write to it', default: false }).optional(),
});

const ExtraHost = z.strictObject({
  hostname: told(HostName, 'a name that the container knows by `/etc/hosts`'),
  ipv4: told(HostAddress, 'its address, whatever the family; `host-gateway` is the host itself'),
});

const statusForm = 'must be a status from 200 to 599';

const headerEdits = (set: string) =>
  z.strictObject({
    set: told(HeaderValues, set).optional(),
    remove: told(formed(z.array(HeaderName), 'array of names'), { description: 'those that go, in any case', fallback: 'none' }).optional(),
  });

const Route = z.strictObject({
  host: told(RouteHost, {
    description:
      'a bare name or address, matched whatever its case; `*.example.com` is every name with one more label, `*` every host that nobody else has',
    fallback: '`hosts`',
  }).optional(),
  hosts: told(formed(z.array(RouteHost).min(1, 'must name at least one host'), 'array of hosts'), {
    description: 'several, in the place of `host`; one of the two must be there',
    fallback: '`host`',
  }).optional(),
  redirect_from: told(formed(z.array(RouteHost).min(1, 'must name at least one host'), 'array of hosts'), {
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
  rewrite: told(formed(PathPrefix, 'path'), { description: 'what the service gets in the place of `path`', fallback: '`path`' }).optional(),
  basic_auth: told(
    z.record(UserName, SecretAlone),
    'names, and the hashes of their passwords (argon2id, as `$argon2id$v=19$m=65536,t=3,p=1$…`), each from a variable; others get 401',
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
  cert_file: told(FilePath, { description: 'PEM file; needs `key_file`; not used by this version', fallback: 'none' }).optional(),
  key_file: told(FilePath, { description: 'PEM file; needs `cert_file`; not used by this version', fallback: 'none' }).optional(),
});

const Gate = z.strictObject({
  type: told(spelling({ http: [], tcp: [] }), 'an answer from 200 to 399, or a connection'),
  port: told(Port, { description: 'of the container', fallback: '`service_port`, else the only published or exposed one' }).optional(),
  path: told(RequestPath, { description: 'only `http`; begins with `/`, a query may follow', default: '/' }).optional(),
  interval: told(PositiveDuration, { description: 'between two attempts', fallback: 'quickly, then `1s`' }).optional(),
  timeout: told(PositiveDuration, { description: 'of one attempt', default: '5s' }).optional(),
  healthy_deadline: told(PositiveDuration, { description: 'for all, from the start of the container', default: '60s' }).optional(),
});

const Condition = spelling({
  started: ['service-started'],
  completed: ['service-completed', 'service-completed-successfully'],
  healthy: ['service-healthy'],
});

const NetworkName = z.strictObject({ name: told(nonEmpty, 'declared in the main file; each once, and `host` or `none` alone') });

const behaviour = 'when Kedge acts; one of `[dispenser]` and `[kedge]` must be there, and a change here replaces no container';

/** `service.toml`, as the user wrote it; the contract's `ServiceSpec` is made from it. */
export const ServiceFile = z
  .strictObject({
    service: told(Service, 'the container; a change here rolls the service, except of `replicas` and `strategy`, which change how'),
    port: told(z.array(PublishedPort), 'ports of the host; with one, a rollout stops the old container first').optional(),
    volume: told(z.array(Volume), 'folders and volumes').optional(),
    env: told(
      z.record(z.string().regex(/^[^=\0]+$/, 'the name of a variable is not empty and has no "="'), SecretText),
      'names and texts, quotes also around numbers; a value that a variable fills travels sealed and is stored as a reference',
    ).optional(),
    network: told(z.array(NetworkName), 'networks of the main file that the container joins besides the default one').optional(),
    extra_host: told(z.array(ExtraHost), 'lines of `/etc/hosts`').optional(),
    /** Both names mean the same table; one of them is required. */
    dispenser: told(Behaviour, behaviour).optional(),
    kedge: told(Behaviour, behaviour).optional(),
    depends_on: told(
      z.record(z.string(), Condition),
      'services by name, and what each must be before this one starts; `service-started` and so on mean the same',
    ).optional(),
    proxy: told(
      Route,
      'the route; each pair of host and path once. An exact host goes before `*.example.com`, that before `*`, and of the paths of a host the longest first',
    ).optional(),
    gate: told(
      z.array(Gate),
      "what a new container must answer before it gets traffic; without one: Docker's health check, else the port of `[proxy]` or the only one of `[[port]]` that accepts, else the only one that the image exposes, for which it waits 30 s at the most, else three seconds without an end",
    ).optional(),
    drain: told(
      z.strictObject({
        timeout: told(Duration, { description: 'for requests under way', default: '30s' }).optional(),
        dns_settle: told(Duration, { description: 'for callers inside to learn that the name moved', default: '5s' }).optional(),
      }),
      'how an old container leaves',
    ).optional(),
  })
  .meta({ oneOf: [{ required: ['dispenser'] }, { required: ['kedge'] }] });
export type ServiceFile = z.infer<typeof ServiceFile>;

const listOf = <Table extends z.ZodType>(table: Table) => z.array(table.nullable());

/**
 * What of a `service.toml` may matter although something is wrong in it: keys that are not well-formed are left out, and `null` stands
 * where nothing is left of a table of a list.
 */
export const ServicePart = z
  .object({
    service: Service.partial().extend({ env_file: EnvFilesPart.optional() }).strip(),
    port: listOf(PublishedPort.partial().strip()),
    volume: listOf(Volume.partial().strip()),
    network: listOf(NetworkName.partial().strip()),
    dispenser: Behaviour.partial().strip(),
    kedge: Behaviour.partial().strip(),
    /** The conditions are no matter here. */
    depends_on: z.record(z.string(), z.unknown()),
    proxy: Route.partial().strip(),
    gate: listOf(Gate.partial().strip()),
  })
  .partial();
export type ServicePart = z.infer<typeof ServicePart>;
