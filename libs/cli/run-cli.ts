import { errorCode, errorMessage, KedgeError } from '@kedge/shared/kernel';
import { Command, CommanderError, Option } from 'commander';
import type { Cli, Run } from './cli.ts';
import { commands } from './commands/index.ts';
import type { CliConfig } from './config.ts';
import type { CliBus } from './connect.ts';
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
  for (const register of commands) register(program, world, run);

  try {
    await program.parseAsync(translated(words), { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode;
    const code = thrown instanceof KedgeError ? ` [${errorCode(thrown)}]` : '';
    terminal.note(`${terminal.paint('bad', 'error:')} ${errorMessage(thrown)}${code}`);
    return exitCodeOf(thrown);
  }
}

/** Dispenser spells `validate` as an option. */
function translated(words: readonly string[]): readonly string[] {
  const [first, ...others] = words;
  return first === '-t' || first === '--test' ? ['validate', '--test', ...others] : words;
}
