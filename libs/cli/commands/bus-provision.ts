import { provisionBus } from '@kedge/shared/bus/setup';
import { readEnvironment, ServiceConfig } from '@kedge/shared/service';
import type { Command } from 'commander';
import { HookNames } from '../hook-names.ts';

const BusProvisionConfig = ServiceConfig.pick({ KEDGE_BUS_URL: true, KEDGE_KEYS: true }).extend({
  /** Names of hooks that get a durable consumer, comma-separated; the same as for `init`. */
  KEDGE_HOOKS: HookNames,
});

/** `kedge bus provision`: the one-shot that makes streams, buckets and durables at every start of the stack. */
export function register(bus: Command): void {
  bus
    .command('provision')
    .description('make or migrate streams, buckets and durable consumers (runs before the components start)')
    .action(async () => {
      const config = readEnvironment(BusProvisionConfig, process.env);
      await provisionBus({
        url: config.KEDGE_BUS_URL,
        keysFolder: config.KEDGE_KEYS,
        hooks: config.KEDGE_HOOKS,
        tell: (line) => process.stdout.write(`${line}\n`),
      });
    });
}
