/** What docker, kubectl or kamal have a word for, and what does it here; each advice ends a sentence. */
const commands: Readonly<Record<string, string>> = {
  ...ofEach('audit history journal', '"kedge events --since 24h --no-follow" tells what happened'),
  ...ofEach('get list ls ps services', '"kedge status" shows what runs'),
  ...ofEach('describe info inspect show', '"kedge status <service>" tells everything about one'),
  ...ofEach('watch', '"kedge status --watch" and "kedge events" go on until Ctrl-C'),
  ...ofEach('redeploy release roll rollout run update upgrade', '"kedge deploy <service> --wait" rolls one now'),
  ...ofEach(
    'revert rollback undo',
    'a release that fails is taken back by itself; to go back from one that serves, name the older tag or digest in service.toml',
  ),
  ...ofEach('retry unbar unblock', '"kedge clear <service>" lets what failed be tried once more'),
  ...ofEach('restart', '"docker restart <container>" starts one again as it is, with a pause; "kedge status" shows what comes of it'),
  ...ofEach(
    'kill start stop',
    '"kedge down" stops every service until "kedge up"; one alone ends when its [[service]] leaves the main file',
  ),
  ...ofEach(
    'delete destroy remove rm uninstall',
    'a service goes when its [[service]] leaves the main file; "kedge down" removes all containers',
  ),
  ...ofEach('scale', '"replicas" in service.toml says how many there are'),
  ...ofEach('hold lock pause', '"watch = false" in service.toml lets new images wait for "kedge deploy"'),
  ...ofEach('attach bash exec sh shell ssh', '"docker exec -it <container> sh" does that; "docker ps" names the containers'),
  ...ofEach('stats top', '"docker stats" does that'),
  ...ofEach('diff preview', '"kedge plan" shows what would be done'),
  ...ofEach('config lint test verify', '"kedge validate" checks the configuration'),
  ...ofEach('fetch pull', '"kedge check" asks the registries now, "kedge deploy <service>" rolls what they have'),
  ...ofEach('build push', 'images are built and pushed with docker; Kedge sees them in their registry'),
  ...ofEach('login', '"docker login" does that, on this machine'),
  ...ofEach('bootstrap init install setup', '"docker compose up -d --wait" in the folder of Kedge starts it'),
  ...ofEach('version', '"kedge --version" says it'),
};

const options: Readonly<Record<string, string>> = {
  ...ofEach('--output --format -o', '"--json" prints it for programs'),
  ...ofEach('--dry-run', '"kedge plan" shows what would be done'),
  '-v': '"kedge --version" says which one this is',
};

/** Of one command alone. */
const optionsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  logs: {
    ...ofEach('--since --timestamps --until -t', '"docker logs" has that; "docker ps" names the containers'),
  },
};

/** Where a service is named and none can be. */
const excess: Readonly<Record<string, string>> = {
  down: 'it is about every service; one alone ends when its [[service]] leaves the main file',
  up: 'it is about every service; "kedge deploy <service>" rolls one',
  reload: 'it is about the whole configuration; "kedge deploy <service>" rolls one',
  apply: 'it is about the whole plan; "kedge deploy <service>" rolls one',
  deploy: 'it rolls one service each time',
};

function ofEach(words: string, advice: string): Readonly<Record<string, string>> {
  return Object.fromEntries(words.split(' ').map((word) => [word, advice]));
}

/** What a line has that is not there. */
type Strange =
  | { readonly kind: 'command'; readonly word: string }
  | { readonly kind: 'option'; readonly word: string; readonly command: string | null }
  | { readonly kind: 'excess'; readonly command: string };

/** What does here what somebody knows by that word from elsewhere; null where nothing is known. */
export function whatDoesThat(strange: Strange): string | null {
  switch (strange.kind) {
    case 'command':
      return adviceIn(commands, strange.word);
    case 'option':
      return (
        adviceIn((strange.command === null ? undefined : optionsOf[strange.command]) ?? {}, strange.word) ?? adviceIn(options, strange.word)
      );
    case 'excess':
      return adviceIn(excess, strange.command);
    default:
      return strange satisfies never;
  }
}

function adviceIn(table: Readonly<Record<string, string>>, word: string): string | null {
  return Object.hasOwn(table, word) ? (table[word] ?? null) : null;
}

/** Every advice that there is. */
export const everyAdvice: readonly string[] = [commands, options, ...Object.values(optionsOf), excess].flatMap((table) =>
  Object.values(table),
);
