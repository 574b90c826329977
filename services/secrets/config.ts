import { z } from 'zod';

/** Settings of the secrets component, beside those that every component shares. */
export const SecretsConfig = z.object({
  /** The user's configuration folder: templates and variable files. Read only. */
  KEDGE_CONFIG_DIR: z.string().default('/config'),
  /** Folder that keeps `fingerprint.key` between starts. */
  KEDGE_STATE_DIR: z.string().default('/var/lib/kedge/secrets'),
  /** Folder of Docker's `config.json`, where registry logins stand. */
  KEDGE_DOCKER_CONFIG: z.string().default('/docker-config'),
});
export type SecretsConfig = z.infer<typeof SecretsConfig>;
