import { existsSync } from 'node:fs';
import type { ValidateReply } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-codes.ts';
import { printVerdict } from '../print-verdict.ts';

interface ValidateOptions {
  readonly json?: boolean;
  /** Asked for as Dispenser spells it. */
  readonly test?: boolean;
}

type World = Pick<Cli, 'terminal' | 'configFolder' | 'proxyPort'>;

/** Reading and rendering a folder takes longer than an ordinary answer. */
export const validateTimeoutMs = 15_000;

export const register: Register = (program, cli, run, alone) => {
  program
    .command('validate')
    .description('read the configuration folder now and say everything that is wrong (also: kedge --test, kedge -t)')
    .argument('[folder]', 'read this one here, without the stack (as --config does)')
    .option('--json', 'print the answer as JSON')
    .option('-t, --test', 'the same; Dispenser spells it so')
    .action(async (folder: string | undefined, options: ValidateOptions) => {
      const named = folder ?? program.opts<{ config?: string }>().config;
      if (named !== undefined) {
        await alone(async () => await validateHere(cli, named, options));
        return;
      }
      const withoutStack = async (thrown: unknown) => await validateInstead(thrown, cli, options);
      await run(async (bus) => await validateByStack(bus, cli, options).catch(withoutStack), withoutStack);
    });
};

async function validateByStack(bus: Pick<CliBus, 'request'>, { terminal }: World, options: ValidateOptions): Promise<ExitCode> {
  const reply = await bus.request('config.validate', {}, { timeoutMs: validateTimeoutMs });
  return tell(terminal, reply, { ...options, by: 'stack', remark: 'Checked by the running stack.' });
}

/** Where no stack answers, the folder that it would read is read here. */
async function validateInstead(thrown: unknown, world: World, options: ValidateOptions): Promise<ExitCode> {
  if (exitCodeOf(thrown) !== exitCodes.unreachable || !existsSync(world.configFolder)) throw thrown;
  world.terminal.note(`The stack does not answer: ${errorMessage(thrown)}`);
  return await validateHere(world, world.configFolder, options);
}

async function validateHere({ terminal, proxyPort }: World, named: string, options: ValidateOptions): Promise<ExitCode> {
  // What reads configuration files is loaded only where no stack does it: most command lines are shorter without.
  const [{ folderNamedBy }, { validateFolder }] = await Promise.all([import('../config-place.ts'), import('../validate-folder.ts')]);
  const folder = await folderNamedBy(named);
  const { reply } = await validateFolder({ folder, proxyPort });
  return tell(terminal, reply, { ...options, by: 'folder', folder, remark: `Checked here, without the stack: ${folder}` });
}

interface Telling extends ValidateOptions {
  /** Who read the folder: the stack that runs, or this command. */
  readonly by: 'stack' | 'folder';
  readonly folder?: string;
  readonly remark: string;
}

/** Says every problem of the configuration folder, or that there is none; the same whoever read it. */
function tell(terminal: Cli['terminal'], reply: ValidateReply, { by, folder, remark, json = false, test = false }: Telling): ExitCode {
  const { warnings = [], notChecked = [] } = reply;
  if (json) terminal.json({ by, ...(folder === undefined ? {} : { folder }), ...reply, warnings, notChecked });
  else {
    terminal.note(remark);
    if (reply.held) terminal.note(`It is held, because it would remove ${reply.held.removes.join(', ')}; "kedge apply" puts it in force.`);
    printVerdict(terminal, reply, { test });
  }
  return reply.ok ? exitCodes.fine : exitCodes.failed;
}
