import { errorMessage } from '@kedge/shared/kernel';
import { Argument } from 'commander';
import type { Register } from '../cli.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { ImportOptions } from '../import-dispenser.ts';

export const register: Register = (program, cli, run) => {
  program
    .command('import')
    .description('move from Dispenser: show what its folder means here and what it shares, then hand over service by service')
    .addArgument(new Argument('<from>', 'what to move from').choices(['dispenser']))
    .argument('[folder]', 'its configuration folder (as --config names it)')
    .option('-y, --yes', 'hand over without asking')
    .option('--timeout <duration>', 'how long to wait for each service (default: 5m)')
    .option('--json', 'print JSON; without --yes nothing is handed over')
    .action(async (_from: string, folder: string | undefined, options: ImportOptions) => {
      const named = folder ?? program.opts<{ config?: string }>().config ?? cli.configFolder;
      // Loaded here, because nothing else needs it.
      const { importDispenser, lookAtStack } = await import('../import-dispenser.ts');
      const alone = async (thrown: unknown) => {
        if (exitCodeOf(thrown) !== exitCodes.unreachable) throw thrown;
        return await importDispenser(cli, { ...options, named, stack: null, silence: errorMessage(thrown) });
      };
      await run(async (bus) => {
        const stack = await lookAtStack(bus).catch((thrown: unknown) => ({ thrown }));
        return 'thrown' in stack ? await alone(stack.thrown) : await importDispenser(cli, { ...options, named, stack });
      }, alone);
    });
};
