import type { ConfigProblem } from '@kedge/shared/contracts';
import type { EnvFileContents } from './grammar/service-env-files.ts';
import type { Renderer } from './ports.ts';
import type { PlaceProblems } from './render-problems.ts';
import { isUnreadable } from './unreadable-text.ts';

interface Wanted {
  readonly paths: readonly string[];
  /** What the look at the folder says of them; one without a mark is always read. */
  readonly marks: Readonly<Record<string, string>>;
  /** Fingerprint of the variables, and so of the key that references are made with. */
  readonly variables: string;
}

type EnvFiles = { readonly contents: EnvFileContents; readonly problems: readonly ConfigProblem[] } | { readonly unknown: string };

type Content = EnvFileContents['variables'] extends ReadonlyMap<string, infer Value> ? Value : never;

/** Asks for the names and references in env files; those that did not change since are not asked for again. */
export function createReadEnvFiles({ renderer, placeProblems }: { readonly renderer: Renderer; readonly placeProblems: PlaceProblems }) {
  let known = new Map<string, { readonly stamp: string; readonly content: Content }>();

  return async function readEnvFiles({ paths, marks, variables }: Wanted): Promise<EnvFiles> {
    const stampOf = (path: string) => (marks[path] === undefined ? null : `${variables}\n${marks[path]}`);
    known = new Map([...known].filter(([path, { stamp }]) => paths.includes(path) && stamp === stampOf(path)));
    const contents = new Map([...known].map(([path, { content }]) => [path, content]));
    const asked = paths.filter((path) => !contents.has(path));
    if (asked.length === 0) return { contents: { variables: contents, unreadable: new Map() }, problems: [] };

    const reply = await renderer.render([], asked);
    if (reply.variables !== variables) return { unknown: 'a variable file changed while the configuration was rendered' };
    const wrong = new Set(reply.problems.map(({ path }) => path));
    for (const path of asked) {
      const found = reply.envFiles?.find((each) => each.path === path);
      if (!found && !wrong.has(path)) return { unknown: 'secrets did not read an env file' };
      if (!found) continue;
      contents.set(path, found.variables);
      const stamp = stampOf(path);
      if (stamp !== null && !wrong.has(path)) known.set(path, { stamp, content: found.variables });
    }
    const own = reply.problems.filter(({ path }) => asked.includes(path));
    const unreadable = new Map(own.filter(isUnreadable).map(({ path, message }) => [path, message]));
    const within = own.filter((problem) => !isUnreadable(problem));
    return { contents: { variables: contents, unreadable }, problems: await placeProblems(within, []) };
  };
}
