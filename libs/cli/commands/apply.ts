import { TerminalError } from '@kedge/shared/kernel';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { relativeTime } from '../terminal/relative-time.ts';
import { printProblems, validateTimeoutMs } from './validate.ts';

interface ApplyOptions {
  readonly yes?: boolean;
}

export const register: Register = (program, cli, run) => {
  program
    .command('apply')
    .description('put a configuration in force that is held because it would remove much')
    .option('-y, --yes', 'do not ask')
    .action(async (options: ApplyOptions) => {
      await run(async (bus) => await apply(bus, cli, options));
    });
};

/** Shows what the held configuration would remove, asks once, and puts it in force. */
async function apply(bus: Pick<CliBus, 'request'>, { terminal }: Pick<Cli, 'terminal'>, { yes = false }: ApplyOptions): Promise<ExitCode> {
  const looked = await bus.request('config.validate', {}, { timeoutMs: validateTimeoutMs });
  // A held configuration is valid; it is not in force, and so not "ok" either.
  if (!looked.ok && !looked.held) {
    printProblems(terminal, looked);
    return exitCodes.failed;
  }
  if (!looked.held) {
    terminal.print('Nothing to do: no configuration is held.');
    return exitCodes.fine;
  }
  terminal.print(
    `Held since ${relativeTime(looked.held.since, terminal.now())}: the configuration in the folder no longer declares these services, and would remove them:`,
  );
  for (const service of looked.held.removes) terminal.print(`  ${terminal.paint('bad', '-')} ${service}`);
  if (!yes && !terminal.canAsk) {
    throw new TerminalError('ANSWER_NEEDED', 'there is no terminal to ask whether these services shall go; "kedge apply --yes" answers it');
  }
  if (!yes && !(await terminal.confirm(`Remove ${looked.held.removes.length} and put the configuration in force?`))) {
    terminal.print('Left as it is.');
    return exitCodes.failed;
  }
  const applied = await bus.request('config.validate', { apply: true }, { timeoutMs: validateTimeoutMs });
  if (!applied.ok) {
    printProblems(terminal, applied);
    return exitCodes.failed;
  }
  terminal.print(`In force: ${applied.services.length === 0 ? 'no service is declared any more' : applied.services.join(', ')}.`);
  return exitCodes.fine;
}
