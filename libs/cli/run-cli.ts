import { Command, CommanderError, Help, Option } from 'commander';
import { parsePath } from './arguments.ts';
import { attributingBus } from './attributing-bus.ts';
import type { Alone, Cli, DevErrand, Run, StackName } from './cli.ts';
import { commands } from './commands/index.ts';
import type { CliConfig } from './config.ts';
import type { CliBus } from './connect.ts';
import { translateDispenser } from './core/dispenser-words.ts';
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { Interrupted } from './interrupted.ts';
import manifest from './package.json' with { type: 'json' };
import { permittedBus } from './permitted-bus.ts';
import { errorForPrograms, noteError, wantsJson } from './told-error.ts';
import { withoutHelpOfNobody, wrongUsage } from './wrong-usage.ts';

/** Whom to connect to, and as whom. */
export interface Connection {
  readonly identity: CliConfig['KEDGE_IDENTITY'] | undefined;
  readonly stack: StackName;
}

interface CliWorld extends Omit<Cli, 'keysFolder'> {
  readonly connect: (connection: Connection) => Promise<CliBus>;
  /** Where the keys of that stack are. Throws BUS_KEY_MISSING when there are none. */
  readonly keysFolder: (stack: StackName) => string;
  readonly dev: DevErrand | null;
}

/** Runs one command line (without the program's name) and resolves to its exit code; whatever goes wrong is told, never thrown. */
export async function runCli(words: readonly string[], world: CliWorld): Promise<number> {
  const { keysFolder, connect, dev, ...common } = world;
  const { terminal } = common;
  let exitCode: number = exitCodes.fine;
  const program = new Command('kedge')
    .version(manifest.version, '-V, --version', 'say which version this is')
    .description('Keeps the containers of this machine what its configuration and its registry say.')
    .addOption(new Option('--as <identity>', 'whose rights are used (KEDGE_IDENTITY)').choices(['cli', 'hooks']))
    .option('-c, --config <path>', 'configuration folder, or its main file, for what is read here: validate, import, dev', parsePath)
    .option('--dev', 'ask the stack that "kedge dev" started, not the one beside it')
    .addHelpText('after', exitCodesHelp)
    .configureOutput({
      writeOut: (text) => void terminal.streams.stdout.write(text),
      writeErr: (text) => void terminal.streams.stderr.write(text),
      // Told in our own words, where it is caught.
      outputError: () => undefined,
    })
    .exitOverride();

  const chosenStack = (): StackName => (program.opts<{ dev?: boolean }>().dev === true ? 'dev' : 'own');
  const cliOf = (stack: StackName): Cli => ({ ...common, keysFolder: () => keysFolder(stack) });
  const run: Run = async (work, { stack = chosenStack(), withoutBus } = {}) => {
    const identity = program.opts<{ as?: CliConfig['KEDGE_IDENTITY'] }>().as;
    const connected = await connect({ identity, stack }).catch(async (thrown: unknown) => {
      if (!withoutBus) throw thrown;
      exitCode = await withoutBus(thrown, cliOf(stack));
      return null;
    });
    if (!connected) return;
    const bus = permittedBus(attributingBus(connected));
    try {
      exitCode = await work({ ...cliOf(stack), bus });
    } finally {
      await bus.close();
    }
  };
  const alone: Alone = async (work) => {
    exitCode = await work(cliOf(chosenStack()));
  };
  for (const register of commands) register({ program, run, alone, dev });
  program.configureHelp({ visibleOptions: withSpellingsOfDispenser });

  try {
    const translated = translateDispenser(words);
    for (const remark of translated.remarks) terminal.note(remark);
    await program.parseAsync(withoutHelpOfNobody(program, translated.words), { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof Interrupted) return exitCodes.interrupted;
    const usage = thrown instanceof CommanderError ? thrown : null;
    if (usage?.exitCode === exitCodes.fine) return exitCodes.fine;
    // A line without a command is answered with help.
    if (usage?.code === 'commander.help') return usage.exitCode;
    const { error, hint } = usage ? wrongUsage(program, { words, thrown: usage }) : { error: thrown, hint: null };
    noteError(terminal, error);
    if (hint !== null) terminal.note(hint);
    if (wantsJson(words)) terminal.json({ ok: false, error: errorForPrograms(error) }, { compact: true });
    return usage?.exitCode ?? exitCodeOf(thrown);
  }
}

/** Help shows what is translated before anything is read: `-s` means another thing after `dev`. */
function withSpellingsOfDispenser(this: Help, command: Command): Option[] {
  const visible = Help.prototype.visibleOptions.call(this, command);
  return command.parent ? visible : [...visible.slice(0, -1), ...spellingsOfDispenser, ...visible.slice(-1)];
}

const spellingsOfDispenser: readonly Option[] = [
  new Option('-t, --test', 'kedge validate'),
  new Option('-s, --signal <signal>', 'kedge reload, kedge down').choices(['reload', 'stop']),
  new Option('-p, --pid-file <path>', 'has no effect: the bus takes its place'),
];
