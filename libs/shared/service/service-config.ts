import { hostname } from 'node:os';
import { z } from 'zod';
import { NodeName } from '../contracts/index.ts';
import { TerminalError } from '../kernel/index.ts';
import { ownContainerId } from './own-container.ts';

/** Settings that every component shares, from environment variables. */
export const ServiceConfig = z.object({
  KEDGE_NODE: NodeName.default('local' as NodeName),
  /** Name of this instance in events, leases and heartbeats. Default: the start of its container's id, else the host name. */
  KEDGE_INSTANCE: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/)
    .default(() => (ownContainerId()?.slice(0, 12) ?? hostname()).replaceAll(/[^a-zA-Z0-9_-]/g, '-')),
  KEDGE_BUS_URL: z.string().default('nats://127.0.0.1:4222'),
  /** Folder that holds this identity's `<identity>.nk` (nkey seed) and `secrets.pub` (the secrets component's public curve key). */
  KEDGE_KEYS: z.string().default('/run/kedge/keys'),
  KEDGE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Address of `/healthz`, `/readyz` and `/metrics`; 0 picks a free port. */
  KEDGE_HEALTH_HOST: z.string().default('127.0.0.1'),
  KEDGE_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(9100),
});
export type ServiceConfig = z.infer<typeof ServiceConfig>;

/**
 * Reads settings from the environment; empty variables count as absent.
 * @throws {TerminalError} CONFIG_INVALID naming every variable that is wrong
 */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new TerminalError('CONFIG_INVALID', `the environment is not valid: ${problems.join('; ')}`, { details: { problems } });
}
