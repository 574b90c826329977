import { z } from 'zod';

const Milliseconds = z
  .string()
  .regex(/^\d+(ms|s|m)$/, 'a duration is a number and "ms", "s" or "m"')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : text.endsWith('s') ? 1_000 : 60_000));

/** Settings of the reconciler, beside those that every component shares. */
export const ReconcilerConfig = z.object({
  /** Where the container engine listens. */
  KEDGE_DOCKER_SOCKET: z.string().default('/var/run/docker.sock'),
  /** Where the configuration folder is mounted here; volumes with a relative source are found on the host through this mount. */
  KEDGE_CONFIG_MOUNT: z.string().default('/config'),
  /** A proxy that was silent for this long, while we were connected throughout, counts as lost. */
  KEDGE_PROXY_LOST_AFTER: Milliseconds.default(60_000),
  /** A service that waits for others ([depends_on]) for longer than this is told to have failed to start. */
  KEDGE_DEPENDENCY_DEADLINE: Milliseconds.default(600_000),
  /** Services that are worked on at the same moment. */
  KEDGE_MAX_ROLLOUTS: z.coerce.number().int().min(1).max(64).default(4),
  /** Name of the default network. Default: `dispenser` for a `dispenser.toml`, else `kedge`. */
  KEDGE_NETWORK: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)
    .optional(),
  /** Subnet of the default network, when it has to be made and this one is free. */
  KEDGE_SUBNET: z.cidrv4().default('172.28.0.0/16'),
});
export type ReconcilerConfig = z.infer<typeof ReconcilerConfig>;
