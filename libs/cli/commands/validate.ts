import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage } from '@kedge/shared/kernel';
import { choosePlace, parsePath } from '../arguments.ts';
import { askVerdict } from '../ask-verdict.ts';
import type { Cli, CliWithBus, Register } from '../cli.ts';
import { shellWord } from '../core/shell-word.ts';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-codes.ts';
import { tellVerdict, validateHere } from '../validate-here.ts';

interface ValidateOptions {
  readonly json?: boolean;
  /** Asked for as Dispenser spells it. */
  readonly test?: boolean;
}

/** `kedge validate`: asks the stack, and reads the folder itself where none answers. */
export const register: Register = ({ program, run, alone }) => {
  program
    .command('validate')
    .description('read the configuration folder now and say everything that is wrong (also: kedge --test, kedge -t)')
    .argument('[folder]', 'read this one here, without the stack (as --config does)', parsePath)
    .option('--json', 'print the answer as JSON')
    .option('-t, --test', 'the same; Dispenser spells it so')
    .action(async (folder: string | undefined, options: ValidateOptions) => {
      if (folder !== undefined || program.opts<{ config?: string }>().config !== undefined) {
        await alone(async (cli) => await validateHere(cli, { ...options, place: await choosePlace({ program, cli, named: folder }) }));
        return;
      }
      const withoutBus = async (thrown: unknown, cli: Cli) => await validateInstead(cli, { ...options, thrown });
      await run(async (cli) => await validateByStack(cli, options).catch((thrown: unknown) => withoutBus(thrown, cli)), { withoutBus });
    });
};

async function validateByStack({ bus, terminal, configPlace }: CliWithBus<'request'>, options: ValidateOptions): Promise<ExitCode> {
  const reply = await askVerdict(bus);
  return tellVerdict(terminal, { ...options, reply, by: 'stack', remark: remarkOn(reply.folder, configPlace.folder) });
}

/** The stack reads the folder that it was started with, whatever `KEDGE_CONFIG` says by now. */
function remarkOn(read: string | undefined, named: string): string {
  if (read === undefined) return 'Checked by the running stack.';
  const remark = `Checked by the running stack, which reads ${read}.`;
  return resolve(read) === named ? remark : `${remark} "kedge validate ${shellWord(named)}" checks ${named}.`;
}

/** Where no stack answers, the folder that it would read is read here; that there is none is told of the folder. */
async function validateInstead(cli: Cli, { thrown, ...options }: ValidateOptions & { readonly thrown: unknown }): Promise<ExitCode> {
  if (exitCodeOf(thrown) !== exitCodes.unreachable) throw thrown;
  cli.terminal.note(`The stack does not answer: ${errorMessage(thrown)}`);
  const exitCode = await validateHere(cli, { ...options, place: cli.configPlace });
  if (!existsSync(cli.configPlace.folder)) cli.terminal.note('KEDGE_CONFIG names another folder, and so does "kedge validate <folder>"');
  return exitCode;
}
