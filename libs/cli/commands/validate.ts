import type { ValidateReply } from '@kedge/shared/contracts';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { countProblems, describeProblem } from '../core/describe-problem.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ValidateOptions {
  readonly json?: boolean;
  /** Asked for as Dispenser spells it. */
  readonly test?: boolean;
}

/** Reading and rendering a folder takes longer than an ordinary answer. */
export const validateTimeoutMs = 15_000;

export const register: Register = (program, cli, run) => {
  program
    .command('validate')
    .description('read the configuration folder now and say everything that is wrong (also: kedge --test, kedge -t)')
    .option('--json', 'print the answer as JSON')
    .option('-t, --test', 'the same; Dispenser spells it so')
    .action(async (options: ValidateOptions) => {
      await run(async (bus) => await validate(bus, cli, options));
    });
};

/** Says every problem of the configuration folder, or that there is none. */
async function validate(
  bus: Pick<CliBus, 'request'>,
  { terminal }: Pick<Cli, 'terminal'>,
  { json = false, test = false }: ValidateOptions,
): Promise<ExitCode> {
  const reply = await bus.request('config.validate', {}, { timeoutMs: validateTimeoutMs });
  if (json) terminal.json(reply);
  else if (!reply.ok) printProblems(terminal, reply);
  else {
    // Scripts written for Dispenser look for this line.
    terminal.print(
      reply.entry === 'dispenser.toml' || (reply.entry === undefined && test) ? 'Dispenser config is ok.' : 'Configuration is ok.',
    );
    if (reply.held) terminal.print(`It is held, because it would remove ${reply.held.removes.join(', ')}; "kedge apply" puts it in force.`);
  }
  return reply.ok ? exitCodes.fine : exitCodes.failed;
}

/** Every problem with its place, then how many there are. */
export function printProblems(terminal: Terminal, { problems }: Pick<ValidateReply, 'problems'>): void {
  for (const problem of problems) {
    const [where = '', ...source] = describeProblem(problem);
    terminal.print(terminal.paint('bad', where));
    for (const line of source) terminal.print(line);
    terminal.print();
  }
  terminal.print(countProblems(problems));
}
