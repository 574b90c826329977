import { errorCode, errorMessage, KedgeError } from '@kedge/shared/kernel';
import { Command, CommanderError, Help, Option } from 'commander';
import type { Alone, Cli, Run } from './cli.ts';
import { commands } from './commands/index.ts';
import type { CliConfig } from './config.ts';
import type { CliBus } from './connect.ts';
import { translateDispenser } from './core/dispenser-words.ts';
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-codes.ts';
import manifest from './package.json' with { type: 'json' };
import { permittedBus } from './permitted-bus.ts';

interface CliWorld extends Cli {
  readonly connect: (identity: CliConfig['KEDGE_IDENTITY'] | undefined) => Promise<CliBus>;
}

/** Runs one command line (without the program's name) and resolves to its exit code; whatever goes wrong is told, never thrown. */
export async function runCli(words: readonly string[], world: CliWorld): Promise<number> {
  const { terminal, connect } = world;
  let exitCode: number = exitCodes.fine;
  const program = new Command('kedge')
    .version(manifest.version, '-V, --version', 'say which version this is')
    .description('Keeps the containers of this machine what its configuration and its registry say.')
    .addOption(new Option('--as <identity>', 'whose rights are used (KEDGE_IDENTITY)').choices(['cli', 'hooks']))
    .option('-c, --config <path>', 'configuration folder, or its main file, for what is read here: validate, import')
    .addHelpText('after', exitCodesHelp)
    .configureOutput({
      writeOut: (text) => void terminal.streams.stdout.write(text),
      writeErr: (text) => void terminal.streams.stderr.write(text),
    })
    .exitOverride();

  const run: Run = async (work, withoutBus) => {
    const connected = await connect(program.opts<{ as?: CliConfig['KEDGE_IDENTITY'] }>().as).catch(async (thrown: unknown) => {
      if (!withoutBus) throw thrown;
      exitCode = await withoutBus(thrown);
      return null;
    });
    if (!connected) return;
    const bus = permittedBus(connected);
    try {
      exitCode = await work(bus);
    } finally {
      await bus.close();
    }
  };
  const alone: Alone = async (work) => {
    exitCode = await work();
  };
  for (const register of commands) register(program, world, run, alone);
  program.configureHelp({ visibleOptions: withSpellingsOfDispenser });

  try {
    const translated = translateDispenser(words);
    for (const remark of translated.remarks) terminal.note(remark);
    await program.parseAsync(translated.words, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode;
    const code = thrown instanceof KedgeError ? ` [${errorCode(thrown)}]` : '';
    terminal.note(`${terminal.paint('bad', 'error:')} ${errorMessage(thrown)}${code}`);
    return exitCodeOf(thrown);
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
