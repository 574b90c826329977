import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NodeName } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import { z } from 'zod';

const Port = z
  .string()
  .regex(/^\d{1,5}$/, 'it must be a port, a number from 0 to 65535')
  .transform(Number)
  .refine((port) => port <= 65_535, 'it must be a port, a number from 0 to 65535');

/** Settings of the command line, from environment variables. */
export const CliConfig = z.object({
  /** Whose rights are used; the option `--as` comes first. */
  KEDGE_IDENTITY: z.enum(['cli', 'hooks']).default('cli'),
  /** Default: what the folder of keys names, else the port that the stack publishes by default. */
  KEDGE_BUS_URL: z.string().optional(),
  /** Folder that holds `<identity>.nk`. Default: the nearest `.kedge`, from the current folder upwards. */
  KEDGE_KEYS: z.string().optional(),
  /** The configuration folder that the stack reads, for what is read here. */
  KEDGE_CONFIG: z.string().default('./deploy'),
  /** Its main file, where it is neither `kedge.toml` nor `dispenser.toml`, or one of both. */
  KEDGE_CONFIG_FILE: z
    .string()
    .optional()
    .transform((name) => name || undefined),
  /** Where the proxy of the stack listens: no service may publish that port. */
  KEDGE_HTTP_PORT: Port.default(80),
  /** Where it listens for HTTPS, if it does. */
  KEDGE_HTTPS_PORT: Port.optional(),
  /** Default network of services, where it is set. Default: what the main file is called says it. */
  KEDGE_NETWORK: z
    .string()
    .optional()
    .transform((name) => name || undefined),
  KEDGE_NODE: NodeName.default('local' as NodeName),
  /** Who asks, as events name it. Default: the user's login name. */
  KEDGE_ACTOR: z.string().min(1).optional(),
  /** Set by the script `kedge`, which starts the stack of `kedge dev`: see `DevErrand`. */
  KEDGE_DEV_STEP: z.enum(['prepare', 'finish', 'absent']).optional(),
  KEDGE_DEV_SETTINGS: z.string().optional(),
  /** Where the processes of the machine are seen; the script `kedge` sets it for a container. */
  KEDGE_PROCESSES: z.string().default('/proc'),
  /** What the connection says of itself on standard error. */
  KEDGE_LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('silent'),
});
export type CliConfig = z.infer<typeof CliConfig>;

/** Written by `init` beside the keys, for the `nats` command and for us. */
const ContextFile = z.object({ url: z.string() });
const defaultUrl = 'nats://127.0.0.1:4222';

/**
 * The folder of keys: the one that is set, else the nearest `.kedge` from `folder` upwards.
 * @throws {TerminalError} BUS_KEY_MISSING naming every place that was looked at
 */
export function findKeysFolder(set: string | undefined, folder: string): string {
  if (set !== undefined) return set;
  const places = withParents(folder).map((each) => join(each, '.kedge'));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new TerminalError(
    'BUS_KEY_MISSING',
    `there is no folder .kedge with a key for the bus in ${folder} or above; the stack makes it when it starts ("npm start" or ` +
      '"docker compose up -d"): run kedge in the folder of the stack, or set KEDGE_KEYS',
    { details: { places } },
  );
}

/** The address of the bus: the one that is set, else the one that the folder of keys names, else the default. */
export function findBusUrl(set: string | undefined, keysFolder: string): string {
  if (set !== undefined) return set;
  const path = join(keysFolder, 'nats', 'context', 'kedge-cli.json');
  if (!existsSync(path)) return defaultUrl;
  const context = ContextFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return context.success ? context.data.url : defaultUrl;
}

/** What `kedge dev` calls its node. */
export const devNode = 'dev' as NodeName;

/**
 * The settings with which the stack of `kedge dev` is reached: its keys lie below those of the stack beside it, and name its bus. Where the
 * node is that one already, as in a container of it, they stay as they are.
 */
export function devConfig(config: CliConfig, keysFolder: () => string): CliConfig {
  if (config.KEDGE_NODE === devNode) return config;
  const { KEDGE_BUS_URL: _ofTheOther, ...rest } = config;
  return { ...rest, KEDGE_NODE: devNode, KEDGE_KEYS: join(keysFolder(), 'dev', '.kedge') };
}

function withParents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
