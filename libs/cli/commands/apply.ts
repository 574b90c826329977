import type { ValidateReply } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { relativeTime } from '../terminal/relative-time.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { printProblems, validateTimeoutMs } from './validate.ts';

type Held = NonNullable<ValidateReply['held']>;

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

/** How often the folder may change between what was shown and the yes to it, before somebody should look at who changes it. */
const mostAttempts = 5;

/** Shows what the held configuration would remove, asks, and puts exactly that in force; a newer one is shown and asked about again. */
async function apply(bus: Pick<CliBus, 'request'>, { terminal }: Pick<Cli, 'terminal'>, { yes = false }: ApplyOptions): Promise<ExitCode> {
  let reply = await bus.request('config.validate', {}, { timeoutMs: validateTimeoutMs });
  if (reply.ok && !reply.held) {
    terminal.print('Nothing to do: no configuration is held.');
    return exitCodes.fine;
  }
  const shown = new Set<string>();
  // A held configuration is valid; it is not in force, and so not "ok" either.
  while (reply.held && !shown.has(reply.held.revision)) {
    const { held } = reply;
    if (shown.size === mostAttempts) throw folderKeepsChanging();
    if (shown.size > 0) terminal.print('The folder changed meanwhile, and nothing was put in force yet.');
    shown.add(held.revision);
    if (!(await isAgreed(held, terminal, yes))) {
      terminal.print('Left as it is.');
      return exitCodes.failed;
    }
    reply = await bus.request('config.validate', { apply: true, revision: held.revision }, { timeoutMs: validateTimeoutMs });
  }
  if (!reply.ok) {
    printProblems(terminal, reply);
    return exitCodes.failed;
  }
  terminal.print(`In force: ${reply.services.length === 0 ? 'no service is declared any more' : reply.services.join(', ')}.`);
  return exitCodes.fine;
}

async function isAgreed({ since, removes }: Held, terminal: Terminal, yes: boolean): Promise<boolean> {
  terminal.print(
    `Held since ${relativeTime(since, terminal.now())}: the configuration in the folder no longer declares these services, and would remove them:`,
  );
  for (const service of removes) terminal.print(`  ${terminal.paint('bad', '-')} ${service}`);
  if (yes) return true;
  if (!terminal.canAsk) {
    throw new TerminalError('ANSWER_NEEDED', 'there is no terminal to ask whether these services shall go; "kedge apply --yes" answers it');
  }
  return await terminal.confirm(`Remove ${removes.length} and put the configuration in force?`);
}

function folderKeepsChanging(): RetryableError {
  return new RetryableError(
    'CONFIG_CHANGES',
    'the configuration folder changed at every attempt; apply again when whatever writes it is done',
  );
}
