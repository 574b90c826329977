import { nearest, TerminalError } from '@kedge/shared/kernel';

/** A command line as our own commands spell it. */
interface Translation {
  readonly words: readonly string[];
  /** What whoever wrote it for Dispenser should know. */
  readonly remarks: readonly string[];
}

/** Options that Dispenser takes before a command, and whether a value follows. */
const options: Readonly<Record<string, { readonly name: OptionName; readonly takesValue: boolean }>> = {
  '-c': { name: 'config', takesValue: true },
  '--config': { name: 'config', takesValue: true },
  '-p': { name: 'pid-file', takesValue: true },
  '--pid-file': { name: 'pid-file', takesValue: true },
  '-s': { name: 'signal', takesValue: true },
  '--signal': { name: 'signal', takesValue: true },
  '-t': { name: 'test', takesValue: false },
  '--test': { name: 'test', takesValue: false },
  '--as': { name: 'as', takesValue: true },
};
type OptionName = 'config' | 'pid-file' | 'signal' | 'test' | 'as';

/** What each signal is called here. */
const signals: Readonly<Record<string, string>> = { reload: 'reload', stop: 'down' };

const noPidFile =
  '--pid-file has no effect: nothing of Kedge is found by a process id, commands reach it over the bus; dispenser.pid is neither written nor read';
const configOfStack = '--config has no effect here: the stack reads the folder that KEDGE_CONFIG named when it was started';

/**
 * Translates Dispenser's options before a command: `-t` is `validate`, `-s reload` is `reload`, `-s stop` is `down`; a signal goes before
 * a test, as there. Everything else stays as it is.
 * @throws {TerminalError} SIGNAL_UNKNOWN, COMMAND_MISSING
 */
export function translateDispenser(words: readonly string[]): Translation {
  const { given, others, rest } = readLeading(words);
  const remarks = given.has('pid-file') ? [noPidFile] : [];
  const kept = [...optionWords(given, 'as'), ...optionWords(given, 'config'), ...others];

  if (given.has('signal')) {
    if (given.has('config')) remarks.push(configOfStack);
    return { words: [commandOf(given.get('signal')), ...kept, ...rest], remarks };
  }
  if (given.has('test')) {
    // Of what `dev` would run, and nothing is run.
    const [named = ''] = rest;
    const isNamed = named === 'dev' || named === 'validate';
    return { words: [isNamed ? named : 'validate', '--test', ...kept, ...(isNamed ? rest.slice(1) : rest)], remarks };
  }
  if ((given.has('config') || given.has('pid-file')) && others.length === 0 && rest.length === 0) throw startedOtherwise();
  return { words: [...kept, ...rest], remarks };
}

interface Leading {
  readonly given: ReadonlyMap<OptionName, string>;
  /** Options before the command that are ours alone. */
  readonly others: readonly string[];
  readonly rest: readonly string[];
}

function readLeading(words: readonly string[]): Leading {
  const given = new Map<OptionName, string>();
  const others: string[] = [];
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '--') break;
    const { flag, attached } = splitOption(word);
    const option = options[flag];
    if (!option || (attached !== null && !option.takesValue)) {
      others.push(word);
      continue;
    }
    const next = option.takesValue && attached === null ? valueIn(words[at + 1]) : null;
    if (next !== null) at += 1;
    given.set(option.name, attached ?? next ?? '');
  }
  return { given, others, rest: words.slice(at) };
}

/** Another option is no value; whoever needs one refuses the empty text that is left. */
function valueIn(word: string | undefined): string | null {
  return word === undefined || word.startsWith('-') ? null : word;
}

/** `--config=x`, `-cx` and `-c=x` carry their value with them. */
function splitOption(word: string): { readonly flag: string; readonly attached: string | null } {
  const [, flag = word, attached = null] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? /^(-[cps])=?(.+)$/s.exec(word) ?? [];
  return { flag, attached };
}

function optionWords(given: Leading['given'], name: OptionName): readonly string[] {
  const value = given.get(name);
  return value === undefined ? [] : [`--${name}`, value];
}

function commandOf(signal = ''): string {
  const command = Object.hasOwn(signals, signal) ? signals[signal] : undefined;
  if (command !== undefined) return command;
  const near = nearest(signal, Object.keys(signals));
  const instead = signal === '' ? ', and nothing is given' : `, not "${signal}"${near === null ? '' : `; did you mean "${near}"?`}`;
  throw new TerminalError('SIGNAL_UNKNOWN', `--signal takes ${Object.keys(signals).join(' or ')}${instead}`);
}

function startedOtherwise(): TerminalError {
  return new TerminalError(
    'COMMAND_MISSING',
    'Kedge is a stack, and this command does not start it: set KEDGE_CONFIG to the folder and run "docker compose up -d --wait"; "kedge --help" lists the commands',
  );
}
