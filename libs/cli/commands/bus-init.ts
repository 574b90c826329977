import { chown, mkdir } from 'node:fs/promises';
import { initialiseBus } from '@kedge/shared/bus/setup';
import { type Identity, identities } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import { readEnvironment } from '@kedge/shared/service';
import type { Command } from 'commander';
import { z } from 'zod';
import { handOverDockerConfig } from '../hand-over-docker-config.ts';
import { HookNames } from '../hook-names.ts';

const owned = z.enum([...identities, 'nats']);

/** Settings of the one-shot `init`, from environment variables. */
export const BusInitConfig = z.object({
  /** Holds one folder per identity; each is the key volume of its component. */
  KEDGE_KEYS_ROOT: z.string().default('/keys'),
  KEDGE_NATS_CONF: z.string().default('/nats/nats.conf'),
  /** Folder for the server's data as this process sees it; handed to the server's user. Empty: left alone. */
  KEDGE_NATS_DATA: z.string().optional(),
  /** The same folder as the server sees it. */
  KEDGE_NATS_STORE: z.string().default('/data'),
  KEDGE_PROJECT: z.string().optional(),
  /** Docker's folder with logins as this process sees it; handed to the owner of the project when the engine has just made it. */
  KEDGE_DOCKER_CONFIG: z.string().optional(),
  KEDGE_PUBLIC_URL: z.string().default('nats://127.0.0.1:4222'),
  /** `identity=uid`, comma-separated: who must be able to read a key folder. `nats=uid` owns the server's configuration and data. */
  KEDGE_KEY_OWNERS: z
    .string()
    .default('')
    .transform((text, context) => {
      const owners: Partial<Record<Identity | 'nats', number>> = {};
      for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
        const [name = '', uid = ''] = pair.trim().split('=');
        const known = owned.safeParse(name);
        if (!known.success || !/^\d+$/.test(uid)) {
          context.addIssue({ code: 'custom', message: `"${pair}" is not identity=uid with one of ${owned.options.join(', ')}` });
          continue;
        }
        owners[known.data] = Number(uid);
      }
      return owners;
    }),
  /** Names of hooks that get a durable consumer `hook-<name>`, comma-separated. */
  KEDGE_HOOKS: HookNames,
});

/** `kedge bus init`: the one-shot that makes keys and the server's configuration before the server starts. */
export function register(bus: Command): void {
  bus
    .command('init')
    .description('make the keys and the configuration of the bus (runs before the server starts)')
    .action(async () => {
      const config = readEnvironment(BusInitConfig, process.env);
      const owners = config.KEDGE_KEY_OWNERS;
      const { created } = await initialiseBus({
        keysRoot: config.KEDGE_KEYS_ROOT,
        natsConfigFile: config.KEDGE_NATS_CONF,
        storeFolder: config.KEDGE_NATS_STORE,
        hooks: config.KEDGE_HOOKS,
        owners,
        projectFolder: config.KEDGE_PROJECT ?? null,
        publicUrl: config.KEDGE_PUBLIC_URL,
      });
      if (config.KEDGE_NATS_DATA !== undefined && owners.nats !== undefined) {
        await mkdir(config.KEDGE_NATS_DATA, { recursive: true });
        await chown(config.KEDGE_NATS_DATA, owners.nats, owners.nats);
      }
      if (config.KEDGE_DOCKER_CONFIG !== undefined && config.KEDGE_PROJECT !== undefined) {
        await handOverDockerConfig({ folder: config.KEDGE_DOCKER_CONFIG, projectFolder: config.KEDGE_PROJECT }).catch((thrown: unknown) => {
          // A read-only folder, or one of another machine: logins are its owner's business, and the bus does not need them.
          process.stderr.write(`the folder of docker logins stays as it is: ${errorMessage(thrown)}\n`);
        });
      }
      process.stdout.write(created.length === 0 ? 'keys: all there\n' : `keys: made for ${created.join(', ')}\n`);
    });
}
