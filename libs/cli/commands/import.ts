import { parseDurationMs } from '@kedge/shared/kernel';
import { Argument } from 'commander';
import { choosePlace, parsePath } from '../arguments.ts';
import type { Cli, Register } from '../cli.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { ImportOptions } from '../import-dispenser.ts';
import { errorForPrograms } from '../told-error.ts';

/** `kedge import dispenser`: without a yes it changes nothing, and then it needs no stack. */
export const register: Register = ({ program, run }) => {
  program
    .command('import')
    .description('move from Dispenser: show what its folder means here and what it shares, then hand over service by service')
    .addArgument(new Argument('<from>', 'what to move from').choices(['dispenser']))
    .argument('[folder]', 'its configuration folder (as --config names it)', parsePath)
    .option('-y, --yes', 'hand over without asking')
    .option('--timeout <duration>', 'how long to wait for each service (default: 5m)', (text) => parseDurationMs(text))
    .option('--json', 'print the outcome as one JSON object, and everything else on standard error; without --yes nothing is handed over')
    .action(async (_from: string, folder: string | undefined, options: ImportOptions) => {
      // Loaded here, because nothing else needs it.
      const { importDispenser, lookAtStack } = await import('../import-dispenser.ts');
      const without = async (thrown: unknown, cli: Cli, isConnected: boolean) => {
        if (exitCodeOf(thrown) !== exitCodes.unreachable) throw thrown;
        return await importDispenser(cli, {
          ...options,
          place: await choosePlace({ program, cli, named: folder }),
          stack: null,
          isConnected,
          silence: errorForPrograms(thrown),
        });
      };
      await run(
        async (cli) => {
          const stack = await lookAtStack(cli).catch((thrown: unknown) => ({ thrown }));
          if ('thrown' in stack) return await without(stack.thrown, cli, true);
          return await importDispenser(cli, { ...options, place: await choosePlace({ program, cli, named: folder }), stack });
        },
        { withoutBus: async (thrown, cli) => await without(thrown, cli, false) },
      );
    });
};
