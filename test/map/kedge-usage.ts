import { createFakeBus } from '../../libs/cli/testing/fake-bus.ts';
import { runLine } from '../../libs/cli/testing/run-line.ts';

/** What a command of `kedge` takes, as its own help tells. */
export interface CommandUsage {
  /** How many arguments at most. */
  readonly mostArguments: number;
  /** Each spelling of an option, and whether a value follows it. */
  readonly options: ReadonlyMap<string, boolean>;
}

export interface KedgeUsage {
  /** Options before any command. */
  readonly program: CommandUsage;
  readonly commands: ReadonlyMap<string, CommandUsage>;
}

/** Spellings of `kedge validate` that help does not list as commands. */
const spelledAsOptions = ['-t', '--test'] as const;

/** Asks the command line itself, so that a command or option exists here exactly when it exists there. */
export async function readKedgeUsage(): Promise<KedgeUsage> {
  const help = await helpOf([]);
  const names = [...sectionOf(help, 'Commands').matchAll(/^ {2}([a-z][a-z-]*)/gm)].map((match) => match[1] ?? '');
  const spelled = [...names.filter((name) => name !== 'help'), ...spelledAsOptions];
  const commands = await Promise.all(spelled.map(async (name) => [name, readHelp(await helpOf([name]))] as const));
  return { program: readHelp(help), commands: new Map(commands) };
}

async function helpOf(command: readonly string[]): Promise<string> {
  return (await runLine(createFakeBus(), [...command, '--help'].join(' '))).out;
}

/** Reads what commander prints: `Usage: kedge logs [options] <service>`, and one line for each option. */
export function readHelp(help: string): CommandUsage {
  const usage = /^Usage: (.*)$/m.exec(help)?.[1] ?? '';
  const taken = [...usage.matchAll(/<[^>]+>|\[[^\]]+\]/g)].map(([word]) => word).filter((word) => word !== '[options]');
  const lines = [...sectionOf(help, 'Options').matchAll(/^ {2}(-\S.*?)(?: {2,}|$)/gm)].map((match) => match[1] ?? '');
  const options = lines.flatMap((line) => {
    const takesValue = line.includes('<');
    return [...line.matchAll(/--?[a-zA-Z][a-z-]*/g)].map(([flag]) => [flag, takesValue] as const);
  });
  return {
    mostArguments: taken.some((word) => word.includes('...')) ? Number.POSITIVE_INFINITY : taken.length,
    options: new Map(options),
  };
}

function sectionOf(help: string, title: string): string {
  return new RegExp(`^${title}:\\n((?: .*\\n?)*)`, 'm').exec(help)?.[1] ?? '';
}
