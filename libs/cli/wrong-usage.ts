import { TerminalError } from '@kedge/shared/kernel';
import type { Command, CommanderError } from 'commander';
import { usageWords } from './core/usage-words.ts';

/**
 * Help of a command that does not exist would be that of the whole program; without the wish for help it is an unknown command, which has a
 * nearest one.
 */
export function withoutHelpOfNobody(program: Command, words: readonly string[]): readonly string[] {
  const wishes = new Set(['--help', '-h']);
  const [first, second] = program.parseOptions(words.filter((word) => !wishes.has(word))).operands;
  const isKnown = (name: string | undefined) => name === undefined || program.commands.some((command) => command.name() === name);
  if (first === 'help') return isKnown(second) ? words : [second ?? ''];
  return isKnown(first) ? words : words.filter((word) => !wishes.has(word));
}

interface Refused {
  /** As they were typed. */
  readonly words: readonly string[];
  readonly thrown: CommanderError;
}

/** What is wrong with a line; `hint` is null where the error proposes something itself. */
export function wrongUsage(program: Command, { words, thrown }: Refused): { readonly error: TerminalError; readonly hint: string | null } {
  const command = words.find((word) => program.commands.some((each) => each.name() === word)) ?? null;
  const owners = ownersOf(program);
  const short = thrown.code === 'commander.unknownOption' ? oneDashShort(words, owners) : undefined;
  const theirs = short === undefined ? thrown.message : `unknown option '${short}'\n(Did you mean -${short}?)`;
  const { message, proposes } = usageWords(theirs, { owners, command });
  const error = new TerminalError('USAGE_WRONG', message, { cause: thrown });
  if (proposes) return { error, hint: null };
  return { error, hint: `"kedge ${command === null ? '' : `${command} `}--help" says what may stand there` };
}

/** What begins with one dash is read as letters, each an option: the one that was meant has two. */
function oneDashShort(words: readonly string[], owners: ReadonlyMap<string, unknown>): string | undefined {
  return words.find((word) => /^-\w[\w-]+$/.test(word) && owners.has(`-${word}`));
}

/** The commands that have an option, by the option. */
function ownersOf(program: Command): ReadonlyMap<string, readonly string[]> {
  const pairs = program.commands.flatMap((command) => command.options.map(({ long }) => [long ?? '', command.name()] as const));
  const byOption = Map.groupBy(pairs, ([option]) => option);
  return new Map([...byOption].map(([option, found]) => [option, found.map(([, name]) => name)]));
}
