import { z } from 'zod';
import { spelling } from './spelling.ts';

const seconds = z.int().min(0, 'must be a whole number of seconds, 0 or more');

/** Networks that every engine has; it makes no others of these names. */
const engineNetworks = ['bridge', 'host', 'none', 'default'];

const Network = z
  .strictObject({
    name: z.string().min(1, 'must not be empty'),
    driver: spelling({ bridge: [], host: [], overlay: [], macvlan: [], none: [] }).optional(),
    external: z.boolean().optional(),
    internal: z.boolean().optional(),
    attachable: z.boolean().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  })
  .refine(({ name, external }) => external === true || !engineNetworks.includes(name), {
    path: ['name'],
    message: 'is a network of the engine itself, which makes no other of that name; choose another, or set external = true',
  });

const ProxySettings = z.strictObject({
  enabled: z.boolean().optional(),
  strategy: spelling({ 'https-only': [], 'http-only': [], both: [] }).optional(),
  trust_forwarded_headers: z.boolean().optional(),
});

/** Checked, so that a slip of the pen is found; this version sends no telemetry. */
const Telemetry = z.looseObject({
  enabled: z.boolean(),
  base_uri: z.string(),
  status_interval: seconds.optional(),
  maintenance: z
    .strictObject({ enabled: z.boolean(), interval_seconds: seconds.optional(), retention_hours: seconds.optional() })
    .optional(),
});

/** `kedge.toml` or `dispenser.toml`. */
export const MainFile = z.strictObject({
  /** Seconds between two looks at an image. */
  delay: seconds.default(60),
  service: z.array(z.strictObject({ path: z.string().min(1, 'must name a folder') })).default([]),
  network: z.array(Network).optional(),
  proxy: ProxySettings.optional(),
  certbot: z.strictObject({ email: z.string().min(1, 'must not be empty') }).optional(),
  telemetry: Telemetry.optional(),
});
export type MainFile = z.infer<typeof MainFile>;

/** Tables that are checked and then not used by this version. */
export const unusedTables = ['certbot', 'telemetry'] as const;
