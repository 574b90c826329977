import { type ExecFileException, execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = `${import.meta.dirname}/../../..`;

export interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Stands in for the engine: writes down what it was asked, and with which settings, and answers what a test put into `answers`. */
const fakeDocker = `#!/usr/bin/env bash
echo "$*" >>"$DOCKER_LOG"
[[ ! -f $DOCKER_LOG.fails || "$*" != $(<"$DOCKER_LOG.fails")* ]] || exit 1
if [[ "$*" == *' up '* ]]; then env | grep ^KEDGE_ | sort >"$DOCKER_LOG.env"; fi
[[ ! -f $DOCKER_LOG.waits || "$*" != *$(<"$DOCKER_LOG.waits")* ]] || exec sleep 60
[[ ! -f $DOCKER_LOG.answers ]] || while IFS='|' read -r asked answer; do [[ "$*" != $asked* ]] || printf '%b' "$answer"; done <"$DOCKER_LOG.answers"
`;

/** A folder with the script of `kedge dev`, a configuration, and an engine that only writes down what it is asked. */
export interface DevRig extends AsyncDisposable {
  readonly root: string;
  /** What the engine was asked; beside it `.fails`, `.waits` and `.answers` say what becomes of that. */
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
  kedge(line: string, settings?: Readonly<Record<string, string>>): Promise<Ended>;
  ran(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended>;
  /** What the engine was asked, by line. */
  asked(): Promise<readonly string[]>;
  /** The settings that the stack was started with. */
  given(): Promise<Readonly<Record<string, string>>>;
}

/** Its root is where the script lies, and the keys of a running stack must not be found. */
export async function openDevRig(): Promise<DevRig> {
  const root = await mkdtemp(join(tmpdir(), 'kedge-dev-'));
  const log = join(root, 'docker.log');
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'deploy/api'), { recursive: true });
  await cp(join(here, 'kedge'), join(root, 'kedge'));
  for (const each of ['scripts', 'libs', 'node_modules', 'docker-compose.yml']) await symlink(join(here, each), join(root, each));
  await writeFile(join(root, 'bin/docker'), fakeDocker);
  await chmod(join(root, 'bin/docker'), 0o755);
  await writeFile(join(root, 'deploy/kedge.toml'), '[[service]]\npath = "api"\n');
  await writeFile(join(root, 'deploy/api/service.toml'), '[service]\nname = "api"\nimage = "a"\n[dispenser]\nwatch = true\n');
  await writeFile(log, '');
  const env = { PATH: `${join(root, 'bin')}:${process.env.PATH}`, DOCKER_LOG: log };

  const ran = async ([command = '', ...words]: readonly string[], settings: Readonly<Record<string, string>>): Promise<Ended> =>
    await new Promise((resolve) => {
      execFile(command, words, { cwd: root, env: settings }, (failure: ExecFileException | null, out, err) => {
        resolve({ exitCode: failure === null ? 0 : Number(failure.code), out, err });
      });
    });

  return {
    root,
    log,
    env,
    ran,
    kedge: async (line, settings = {}) => await ran([join(root, 'kedge'), ...line.split(' ')], { ...env, ...settings }),
    asked: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    given: async () =>
      Object.fromEntries((await readFile(`${log}.env`, 'utf8')).split('\n').map((line) => line.split('=') as [string, string])),
    [Symbol.asyncDispose]: async () => await rm(root, { recursive: true }),
  };
}
