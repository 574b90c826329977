import type { KedgeUsage } from './kedge-usage.ts';
import type { Mention } from './markdown.ts';
import { type ShellCommand, shellCommands } from './shell-words.ts';

/** What this repository really has. */
export interface Known {
  readonly npmScripts: ReadonlySet<string>;
  readonly kedge: KedgeUsage;
  /** Environment variables that something here reads. */
  readonly variables: ReadonlySet<string>;
  /** Whether a reader of this document finds that path. */
  readonly exists: (path: string) => boolean;
}

/** Words that look like a path of the repository. */
const looksLikePath = /^(?:\.\/)?(?:[\w.@-]+\/)+[\w.@-]*$|^[\w-]+\.(?:ts|js|mjs|sh|yml|yaml|md|json|toml)$/;
/** Paths that only exist once Kedge runs, or at the reader's place. */
const elsewhere =
  /@|^(?:\.kedge|node_modules|dist|web|app|api)\/|^\/|^~|^\$|^localhost|^(?:kedge|dispenser|service|routes)\.toml$|^config\.json$|\.vars$|^kedge\/|^library\/|^linux\/|^(?:image|text|application)\//;
/** What every shell knows, and the `nats` command. */
const foreignVariables = new Set(['HOME', 'PWD', 'PATH', 'USER', 'XDG_CONFIG_HOME']);
/** Commands of npm that run no script of ours. */
const npmCommands = new Set(['install', 'ci', 'exec']);

/** What a mention names that does not exist; one sentence each. */
export function faultsOf({ kind, text }: Mention, known: Known): string[] {
  if (kind === 'link') return known.exists(text) ? [] : [`there is no ${text}`];
  const commands = shellCommands(text);
  return [...commands.flatMap((command) => commandFaults(command, known)), ...variableFaults(text, known)];
}

function commandFaults({ assigned, words }: ShellCommand, known: Known): string[] {
  const unset = assigned.filter((name) => !isVariable(name, known)).map((name) => `nothing reads ${name}`);
  return [...unset, ...pathFaults(words, known), ...programFaults(words, known)];
}

function programFaults([program, ...rest]: readonly string[], known: Known): string[] {
  switch (program) {
    case 'npm':
      return npmFaults(rest, known);
    case 'npx':
    case 'sudo':
    case 'exec':
      return programFaults(rest, known);
    case 'kedge':
    case './kedge':
      return kedgeFaults(rest, known.kedge);
    default:
      return [];
  }
}

function npmFaults([command = '', ...rest]: readonly string[], { npmScripts }: Known): string[] {
  const script = command === 'run' ? (rest[0] ?? '') : command;
  return npmScripts.has(script) || (command !== 'run' && npmCommands.has(command)) ? [] : [`package.json has no script ${script}`];
}

/** Also of the spelling of help, `[--run <instant>]`. */
function kedgeFaults(words: readonly string[], { program, commands }: KedgeUsage): string[] {
  const faults: string[] = [];
  let command: string | null = null;
  let given = 0;
  let isValue = false;
  for (const written of words) {
    const text = written.replaceAll(/^\[+|\]+$/g, '');
    if (isValue) {
      isValue = false;
      continue;
    }
    if (command === null && commands.has(text)) {
      command = text;
      continue;
    }
    if (text.startsWith('-')) {
      const [flag = '', value] = text.split('=', 2);
      const takesValue = commands.get(command ?? '')?.options.get(flag) ?? program.options.get(flag);
      if (takesValue === undefined) faults.push(`kedge ${command === null ? '' : `${command} `}has no option ${flag}`);
      isValue = takesValue === true && value === undefined;
    } else if (command === null) return [...faults, `kedge has no command ${text}`];
    else given += 1;
  }
  const { mostArguments } = commands.get(command ?? '') ?? program;
  return command !== null && given > mostArguments
    ? [...faults, `kedge ${command} takes ${mostArguments} arguments, not ${given}`]
    : faults;
}

function pathFaults(words: readonly string[], { exists }: Known): string[] {
  return words
    .map((word) => word.replace(/^--?[\w-]+=/, ''))
    .filter((word) => looksLikePath.test(word) && !elsewhere.test(word) && !exists(word))
    .map((word) => `there is no ${word}`);
}

/** `$NAME` and `${NAME}` anywhere, and a name of ours by itself. Lower case is a variable of the configuration. */
function variableFaults(text: string, known: Known): string[] {
  const used = [...text.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map((match) => match[1] ?? '');
  const alone = [...text.matchAll(/\bKEDGE_[A-Z0-9_]+\b/g)].map(([name]) => name);
  return [...new Set([...used, ...alone])].filter((name) => !isVariable(name, known)).map((name) => `nothing reads ${name}`);
}

function isVariable(name: string, { variables }: Known): boolean {
  return foreignVariables.has(name) || variables.has(name);
}
