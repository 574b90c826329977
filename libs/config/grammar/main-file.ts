import { AddressRange } from '@kedge/shared/contracts';
import { z } from 'zod';
import { notOdd } from './odd-characters.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';

const least = 'must be a whole number, 0 or more';
const amount = (form: string) => formed(z.int().min(0, least), form);
const seconds = formed(z.int().min(0, 'must be a whole number of seconds, 0 or more'), 'seconds');

const NetworkTable = z.strictObject({
  name: told(
    z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'must be letters, digits, "_", "." or "-", and begin with a letter or digit'),
    'letters, digits, `_`, `.`, `-`; each once. `bridge`, `host`, `none` and `default` belong to the engine and only fit `external`',
  ),
  driver: told(spelling({ bridge: [], host: [], overlay: [], macvlan: [], none: ['null'] }), {
    description: 'of the engine; `host` and `none` only with `external`, as the engine has one of each',
    default: 'bridge',
  }).optional(),
  external: told(z.boolean(), { description: 'it exists; it is neither made nor removed', default: false }).optional(),
  internal: told(z.boolean(), { description: 'no way out', default: false }).optional(),
  attachable: told(z.boolean(), { description: 'other containers may join an overlay', default: true }).optional(),
  labels: told(formed(z.record(z.string(), z.string()), 'table of texts'), {
    description: 'labels of the network',
    fallback: 'none',
  }).optional(),
});

const Trusted = z.union([z.boolean(), z.array(AddressRange)], {
  error: 'must be true or false, without quotes, or an array of addresses such as ["10.0.0.0/8"]',
});

const share = 'must be a number from 0 to 1, such as 0.01 for one in a hundred';

const RequestLog = z.strictObject({
  requests: told(spelling({ off: [], sample: [], all: [] }), {
    description: '`sample`: all that failed, and a share of the others',
    default: 'off',
  }).optional(),
  sample: told(formed(z.number().min(0, share).max(1, share), '0 to 1'), { description: 'that share', default: 0.01 }).optional(),
  query: told(spelling({ omit: [], mask: [], keep: [] }), {
    description: 'what becomes of what stands behind `?`: with `mask`, values of parameters whose names speak of secrets are `***`',
    default: 'omit',
  }).optional(),
  mask: told(formed(z.array(z.string().min(1, 'must not be empty')).max(100, 'must not name more than 100'), 'array of names'), {
    description: 'further parameters to mask, whatever their case',
    fallback: 'none',
  }).optional(),
});

/** `[proxy]` of the main file. */
export const ProxySettings = z.strictObject({
  enabled: told(z.boolean(), {
    description: 'with `false` it does not listen, and services may publish its port',
    default: true,
  }).optional(),
  strategy: told(spelling({ 'https-only': [], 'http-only': [], both: [] }), {
    description: 'which protocols hosts are served by, as far as they have a certificate',
    default: 'https-only',
  }).optional(),
  trust_forwarded_headers: told(formed(Trusted, 'boolean, or array of address ranges'), {
    description:
      'another proxy stands before this one: keep its `X-Forwarded-*`. With addresses (`["10.0.0.0/8"]`) only of peers that have one of them, and who asks is told from theirs',
    default: false,
  }).optional(),
  proxy_protocol_from: told(formed(z.array(AddressRange), 'array of address ranges'), {
    description:
      'load balancers that begin each connection with the PROXY protocol (v1 or v2): who they name is the client, and without it they are cut off',
    fallback: 'nobody',
  }).optional(),
  forwarded: told(z.boolean(), { description: 'services get `Forwarded` (RFC 7239) beside `X-Forwarded-*`', default: false }).optional(),
  request_id: told(z.boolean(), {
    description:
      'services get `X-Request-Id`: that of the client, if it has one of at most 128 letters, digits and `._~:+/=@-`, else a new one',
    default: true,
  }).optional(),
  traceparent: told(z.boolean(), {
    description: 'services get a `traceparent` (W3C) also where the client sent none, or none that is valid; it is marked as sampled',
    default: true,
  }).optional(),
  log: told(RequestLog, 'what is written down of requests, as lines of JSON on the standard output of the proxy').optional(),
});

/** Checked, so that a slip of the pen is found; this version sends no telemetry. */
const Telemetry = z.looseObject({
  enabled: told(z.boolean(), 'whether anything is sent'),
  base_uri: told(z.string(), 'where to: a URL or a path'),
  status_interval: told(seconds, { description: 'between two reports', default: 60 }).optional(),
  maintenance: told(
    z.strictObject({
      enabled: told(z.boolean(), 'whether tables are compacted'),
      interval_seconds: told(seconds, { description: 'between two rounds', default: 3600 }).optional(),
      retention_hours: told(amount('hours'), { description: 'how long old files stay', default: 168 }).optional(),
    }),
    'upkeep of the tables',
  ).optional(),
});

const ListedService = z.strictObject({
  path: told(
    formed(
      z
        .string()
        .min(1, 'must name a folder')
        .refine((path) => !path.includes('\0'), {
          error: 'must not contain the character NUL; no folder has it in its name',
          params: notOdd,
        }),
      'folder',
    ),
    'folder of a `service.toml`, inside of the folder of this file: relative to it, or absolute; each once',
  ),
});

/** `kedge.toml` or `dispenser.toml`. */
export const MainFile = z.strictObject({
  /** Seconds between two looks at an image. */
  delay: told(seconds, { description: 'between two looks at an image; at least one second passes', default: 60 }).default(60),
  service: told(z.array(ListedService), 'the services').default([]),
  network: told(z.array(NetworkTable), 'networks; each is made, also when no service names it').optional(),
  proxy: told(ProxySettings, "settings of Kedge's own proxy").optional(),
  certbot: told(
    z.strictObject({ email: told(z.string().min(1, 'must not be empty'), 'account of the certificate authority') }),
    'checked, so that slips are found, and not used by this version',
  ).optional(),
  telemetry: told(Telemetry, 'checked, so that slips are found, and not used by this version; any other key is allowed as well').optional(),
});
export type MainFile = z.infer<typeof MainFile>;

/** What of a main file may matter although something is wrong in it, as in `ServicePart`. */
export const MainPart = z
  .object({
    service: z.array(ListedService.partial().strip().nullable()),
    network: z.array(NetworkTable.extend({ name: z.string() }).partial().strip().nullable()),
    proxy: ProxySettings.partial().strip(),
  })
  .partial();
export type MainPart = z.infer<typeof MainPart>;

/** Tables that are checked and then not used by this version. */
export const unusedTables = ['certbot', 'telemetry'] as const;
