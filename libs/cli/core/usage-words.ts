/** Each way in which commander says that a line is wrong, and how we say it. */
const sayings: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/^command-argument value '(.*)' is invalid for argument '(.+?)'\. (.*)$/s, '"$1" is no <$2>: $3'],
  [/^option '(?:-\w, )?(--[\w-]+).*?' argument '(.*)' is invalid\. (.*)$/s, '"$2" is no value for $1: $3'],
  [/^option '(?:-\w, )?(--[\w-]+) ?(.*?)' argument missing$/, '$1 needs a value, $2'],
  [/^missing required argument '(.+)'$/, '<$1> is missing'],
  [/^too many arguments for '(.+)'\. Expected (\d+) arguments? but got (\d+)\.$/, 'too many words for "$1": it takes $2, and got $3'],
  [/^unknown (option|command) '(.*?)'/s, 'unknown $1 "$2"'],
];

/** A command that has the option, by the option. */
type Owners = ReadonlyMap<string, string>;

/** What is wrong with a line. */
interface Said {
  readonly message: string;
  /** It says also what to type instead. */
  readonly proposes: boolean;
}

/** Says what commander says, in one line, and what to do next where that is known. */
export function usageWords(theirs: string, owners: Owners): Said {
  const [first = '', ...more] = theirs.replace(/^error: /, '').split('\n(Did you mean ');
  const [pattern, ours] = sayings.find(([each]) => each.test(first)) ?? [];
  const said = pattern && ours !== undefined ? first.replace(pattern, ours) : first;
  const proposed = (more[0] ?? '').replace(/^one of /, '').replace(/\?\)$/, '');
  if (proposed !== '') return { message: `${said}; did you mean ${proposed.split(', ').map(quoted).join(' or ')}?`, proposes: true };
  const option = /^unknown option "(.*)"$/s.exec(said)?.[1];
  const owner = option === undefined ? undefined : owners.get(option);
  if (owner !== undefined) return { message: `${said} here: it stands behind a command, as in "kedge ${owner} ${option}"`, proposes: true };
  const allowed = (_all: string, choices: string) => `it may be ${choices.split(', ').join(' or ')}`;
  return { message: said.replace(/Allowed choices are (.*)\.$/s, allowed), proposes: false };
}

function quoted(word: string): string {
  return `"${word}"`;
}
