import { whatDoesThat } from './borrowed-words.ts';

/** Each way in which commander says that a line is wrong, and how we say it. What the user typed may hold quotes; what stands in flags does not. */
const sayings: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/^command-argument value '(.*)' is invalid for argument '([^']+)'\. (.*)$/s, '"$1" is no <$2>: $3'],
  [/^option '(?:-\w, )?(--[\w-]+)(?: [^']*)?' argument '(.*)' is invalid\. (.*)$/s, '"$2" is no value for $1: $3'],
  [/^option '(?:-\w, )?(--[\w-]+)(?: ([^']*))?' argument missing$/, '$1 needs a value, $2'],
  [/^missing required argument '(.+)'$/, '<$1> is missing'],
  [/^too many arguments for '(.+)'\. Expected (\d+) arguments? but got (\d+)\.$/, 'too many words for "$1": it takes $2, and got $3'],
  [/^unknown (option|command) '(.*)'$/s, 'unknown $1 "$2"'],
];

/** What stands around the mistake. */
interface Line {
  /** The commands that have the option, by the option. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  /** The command of the line; null where none stands there. */
  readonly command: string | null;
}

/** What is wrong with a line. */
interface Said {
  readonly message: string;
  /** It says also what to type instead. */
  readonly proposes: boolean;
}

/** Says what commander says, in one line, and what to do next where that is known. */
export function usageWords(theirs: string, line: Line): Said {
  const [first = '', ...more] = theirs.replace(/^error: /, '').split('\n(Did you mean ');
  const [pattern, ours] = sayings.find(([each]) => each.test(first)) ?? [];
  const said = pattern && ours !== undefined ? first.replace(pattern, ours) : first;
  const advice = adviceOn(said, line);
  if (advice !== null) return { message: `${said}; ${advice}`, proposes: true };
  // An option that is written right was not meant to be another one.
  const owner = ownerOf(said, line);
  if (owner !== null) return { message: owner, proposes: true };
  const proposed = (more[0] ?? '').replace(/^one of /, '').replace(/\?\)$/, '');
  if (proposed !== '') return { message: `${said}; did you mean ${proposed.split(', ').map(quoted).join(' or ')}?`, proposes: true };
  return { message: withChoices(said), proposes: false };
}

/** Whoever comes from docker or kubectl knows the word. */
function adviceOn(said: string, { command }: Line): string | null {
  const [, kind, word = ''] = /^unknown (command|option) "(.*)"$/s.exec(said) ?? [];
  if (kind === 'command') return whatDoesThat({ kind, word });
  if (kind === 'option') return whatDoesThat({ kind, word, command });
  const [, crowded] = /^too many words for "(.*)": /.exec(said) ?? [];
  return crowded === undefined ? null : whatDoesThat({ kind: 'excess', command: crowded });
}

/** Another command may have the option. */
function ownerOf(said: string, { owners, command }: Line): string | null {
  const [, option = ''] = /^unknown option "(.*)"$/s.exec(said) ?? [];
  const [owner, ...others] = owners.get(option) ?? [];
  if (owner === undefined) return null;
  if (command === null || [owner, ...others].includes(command))
    return `${said} here: it stands behind a command, as in "kedge ${command ?? owner} ${option}"`;
  return `"kedge ${command}" has no ${option}, and "kedge ${owner}" has one`;
}

/** `it may be cli or hooks`, where commander lists them. */
function withChoices(said: string): string {
  const theirs = 'Allowed choices are ';
  const at = said.lastIndexOf(theirs);
  if (at < 0 || !said.endsWith('.')) return said;
  const choices = said.slice(at + theirs.length, -1).split(', ');
  return `${said.slice(0, at)}it may be ${choices.join(' or ')}`;
}

function quoted(word: string): string {
  return `"${word}"`;
}
