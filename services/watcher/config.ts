import { z } from 'zod';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm/v7', ia32: '386', ppc64: 'ppc64le' };

const listed = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  );

/** Settings of the watcher, from environment variables; those that every component shares are in `ServiceConfig`. */
export const WatcherConfig = z.object({
  /** The user's folder with `kedge.toml` or `dispenser.toml`; mounted read-only. */
  KEDGE_CONFIG_DIR: z.string().startsWith('/', 'must be an absolute path').default('/config'),
  /** The main file in that folder, where it has a name of its own. */
  KEDGE_CONFIG_FILE: z
    .string()
    .regex(/^[^/]*$/, 'must be the name of a file in the configuration folder')
    .optional()
    .transform((file) => file || undefined),
  /** What the user calls that folder, for messages; default: its path. */
  KEDGE_CONFIG_NAME: z.string().optional(),
  /** Port of the host that the proxy listens on; no service may publish it then. */
  KEDGE_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** The same for HTTPS, where it serves that. */
  KEDGE_HTTPS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** What images are chosen for, such as `linux/arm64`. Default: the platform of this machine. */
  KEDGE_PLATFORM: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/, 'must be written like "linux/amd64" or "linux/arm/v7"')
    .default(() => `linux/${architectures[process.arch] ?? process.arch}`),
  /** Registries that speak plain HTTP, separated by commas: `host` or `host:port`. This machine's own always may. */
  KEDGE_INSECURE_REGISTRIES: listed,
  /** Paths or names of services, separated by commas: only these are declared. Empty: all. */
  KEDGE_ONLY: listed,
});
export type WatcherConfig = z.infer<typeof WatcherConfig>;
