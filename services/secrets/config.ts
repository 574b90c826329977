import { parseDurationMs } from '@kedge/shared/kernel';
import { z } from 'zod';

/** Settings of the secrets component, beside those that every component shares. */
export const SecretsConfig = z.object({
  /** The user's configuration folder: templates and variable files. Read only. */
  KEDGE_CONFIG_DIR: z.string().default('/config'),
  /** The main file in that folder, where it has a name of its own. */
  KEDGE_CONFIG_FILE: z
    .string()
    .regex(/^[^/]*$/, 'must be the name of a file in the configuration folder')
    .optional()
    .transform((file) => file || undefined),
  /** For so long a secret without the number of a version is taken for what it was. */
  KEDGE_SECRET_REFRESH: z
    .string()
    .default('5m')
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== null) return ms;
      context.issues.push({ code: 'custom', message: 'must be a duration such as "5m"', input: text });
      return z.NEVER;
    }),
  /** Where Google Secret Manager answers. */
  KEDGE_GOOGLE_ENDPOINT: z.url().default('https://secretmanager.googleapis.com'),
  /** Folder that keeps `fingerprint.key` between starts. */
  KEDGE_STATE_DIR: z.string().default('/var/lib/kedge/secrets'),
  /** Folder of Docker's `config.json`, where registry logins stand. */
  KEDGE_DOCKER_CONFIG: z.string().default('/docker-config'),
});
export type SecretsConfig = z.infer<typeof SecretsConfig>;

function durationMs(text: string): number | null {
  try {
    return parseDurationMs(text);
  } catch {
    return null;
  }
}
