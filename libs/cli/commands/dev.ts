import { TerminalError } from '@kedge/shared/kernel';
import { InvalidArgumentError } from 'commander';
import { choosePlace } from '../arguments.ts';
import type { Register } from '../cli.ts';
import { followDev } from '../follow-dev.ts';
import { endDev, prepareDev } from '../prepare-dev.ts';
import { validateHere } from '../validate-here.ts';
import { type WaitOptions, withWaitOptions } from '../waiting.ts';

interface DevOptions extends WaitOptions {
  /** As Dispenser spells them: `-s api -s db`. */
  readonly service?: readonly string[];
  readonly down?: boolean;
  readonly test?: boolean;
}

/** `kedge dev`: runs twice, before Compose and after it; the script `kedge` starts or ends the stack in between. */
export const register: Register = ({ program, run, alone, dev }) => {
  const command = program
    .command('dev')
    .description('run only some services, in a stack of their own beside the usual one; a machine has one such stack, of one folder')
    .argument('[services...]', 'paths or names of services (default: all)', collectFilter)
    .option('-s, --service <service>', 'the same, one each; Dispenser spells it so', collectFilter)
    .option('--down', 'remove what it runs, and that stack; volumes stay, and it says how to remove them')
    .option('-t, --test', 'only say what is wrong with these services (also: kedge --test dev)')
    .addHelpText('after', besideHelp);
  withWaitOptions(command, { noWait: 'do not wait until they run' }).action(async (services: readonly string[], options: DevOptions) => {
    const { service = [], down = false, test = false, ...waiting } = options;
    const only = [...new Set([...services, ...service])];
    if (down && only.length > 0) command.error('error: --down ends the whole stack of "kedge dev", and takes no services');
    if (test) await alone(async (cli) => await validateHere(cli, { ...waiting, test, only, place: await choosePlace({ program, cli }) }));
    else if (!dev) throw needsCompose();
    else if (dev.step === 'prepare')
      await alone(async (cli) => await prepareDev(cli, { ...waiting, ...dev, only, down, place: await choosePlace({ program, cli }) }));
    else if (down) await alone(async (cli) => endDev(cli, { ...waiting, step: dev.step }));
    else await run(async (cli) => await followDev(cli, { ...waiting, only }), { stack: 'dev' });
  });
};

const besideHelp = `
A container has the name of its service, and a machine has one container of each name: a service that the usual stack runs cannot run
beside it. Name only others ("kedge dev api"); or give it another name in a copy of the folder, with published ports and volumes of its
own, and say "kedge --config <copy> dev"; or take down what the usual stack runs ("kedge down").`;

/** The stack is told all of them with commas between. */
function collectFilter(text: string, before: readonly string[] = []): readonly string[] {
  if (text.trim() === '' || /[,\n]/.test(text)) throw new InvalidArgumentError('it must be the path or the name of one service');
  return [...before, text];
}

function needsCompose(): TerminalError {
  return new TerminalError(
    'DEV_NEEDS_COMPOSE',
    '"kedge dev" starts a stack with Docker Compose, and this program cannot do that by itself: run the script ./kedge of the folder that Kedge was cloned to, on the machine that has Docker',
  );
}
