import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';
import { FilePath, HostAddress, HostName, MountPoint, PublishedAddress, RequestPath } from './address-forms.ts';
import { EnvFilesPart } from './compose/env-files.ts';
import { CronExpression, Duration, Port, PositiveDuration, SecretText } from './leaf-forms.ts';
import { Route, RoutePart } from './proxy-table.ts';
import { Service } from './service-table.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';

const nonEmpty = z.string().min(1, 'must not be empty');

const Behaviour = z.strictObject({
  watch: told(z.boolean(), 'follow the image in its registry; with `false` the first digest stays until `kedge deploy`'),
  initialize: told(spelling({ immediately: [], 'on-trigger': [] }), {
    description: '`on-trigger` starts nothing at once: with `cron` its instants do, without it a new image, and `kedge deploy` in any case',
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

const PortTls = formed(
  z.union([z.boolean(), HostName], { error: 'must be true or false, without quotes, or the name of a host such as "db.example.com"' }),
  'boolean, or host name',
);

const PublishedPort = z.strictObject({
  host: told(Port, "of the host; each once, and not the port of Kedge's own proxy"),
  container: told(Port, 'of the container'),
  protocol: told(spelling({ tcp: [], udp: [] }), { description: 'which of the two', default: 'tcp' }).optional(),
  host_ip: told(PublishedAddress, { description: 'of the host, IPv4 or IPv6', fallback: 'every address' }).optional(),
  via: told(spelling({ host: [], proxy: [] }), {
    description:
      '`host` publishes it on the container. With `proxy` the proxy listens there and gives each connection, or client of UDP, to a ready container, and a rollout starts the new container first',
    default: 'host',
  }).optional(),
  tls: told(PortTls, {
    description:
      'with `via = "proxy"`: clients speak TLS and are shown the certificate of this host (`true`: of `[proxy]`); the container hears what they say without',
    default: false,
  }).optional(),
  idle_timeout: told(PositiveDuration, {
    description: 'with `via = "proxy"`: how long a connection stays on which nobody says anything',
    fallback: '`1h`, of UDP `1m`',
  }).optional(),
  proxy_protocol: told(spelling({ v1: [], v2: [] }), {
    description: 'with `via = "proxy"`: what the container is told of the client, in front of what that says',
    fallback: 'nothing',
  }).optional(),
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
    port: told(
      z.array(PublishedPort),
      'ports of the host; with one that is not `via = "proxy"`, a rollout stops the old container first',
    ).optional(),
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
      'services by name, and what each must be before this one starts; `service-started` and so on mean the same. What has no `[service.healthcheck]`, and none in its image, is `healthy` as soon as it runs. A new release is known once its registry was asked: push what others wait for first',
    ).optional(),
    proxy: told(
      Route,
      'the route; each pair of host and path once. An exact host goes before `*.example.com`, that before `*`, and of the paths of a host the longest first',
    ).optional(),
    gate: told(
      z.array(Gate),
      "what a new container must answer before it gets traffic; without one: Docker's health check, else the port of `[proxy]` or the only one of `[[port]]` that accepts, else the only one that the image exposes, for which it waits 30 s at the most (a worker that never opens it declares `[service.healthcheck]`), else three seconds without an end",
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

/** What a slip of the pen was meant to be: which port it is may be told all the same. Left out where nobody knows. */
const LikelyProtocol = z.string().transform((written) => {
  const word = nearest(written, ['tcp', 'udp', 'sctp', 'http', 'https']);
  if (word === null || word === 'sctp') return undefined;
  return word === 'udp' ? ('udp' as const) : ('tcp' as const);
});

const listOf = <Table extends z.ZodType>(table: Table) => z.array(table.nullable());

/**
 * What of a `service.toml` may matter although something is wrong in it: keys that are not well-formed are left out, and `null` stands
 * where nothing is left of a table of a list.
 */
export const ServicePart = z
  .object({
    service: Service.partial().extend({ env_file: EnvFilesPart.optional() }).strip(),
    port: listOf(PublishedPort.partial().extend({ protocol: LikelyProtocol.optional() }).strip()),
    volume: listOf(Volume.partial().strip()),
    network: listOf(NetworkName.partial().strip()),
    dispenser: Behaviour.partial().strip(),
    kedge: Behaviour.partial().strip(),
    /** The conditions are no matter here. */
    depends_on: z.record(z.string(), z.unknown()),
    proxy: RoutePart,
    gate: listOf(Gate.partial().strip()),
  })
  .partial();
export type ServicePart = z.infer<typeof ServicePart>;
