import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = `${import.meta.dirname}/../..`;

describe('kedge without Node', () => {
  let base = '';
  let clone = '';
  let elsewhere = '';
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'kedge-bare-'));
    clone = join(base, 'clone');
    elsewhere = join(base, 'else where');
    await mkdir(join(clone, 'deploy'), { recursive: true });
    await mkdir(join(elsewhere, 'conf'), { recursive: true });
    await mkdir(join(base, 'bin'));
    await cp(join(here, 'kedge'), join(clone, 'kedge'));
    for (const each of ['scripts', 'docker-compose.yml']) await symlink(join(here, each), join(clone, each));
    // Stands in for the engine: writes down what it is asked, one word a line.
    await writeFile(join(base, 'bin/docker'), '#!/usr/bin/env bash\nprintf "%s\\n" "$@" >"$0.log"\n');
    await chmod(join(base, 'bin/docker'), 0o755);
  });
  after(async () => await rm(base, { recursive: true }));

  /** What the container is started with: the folders that it sees, and the words behind its name. */
  async function started(words: readonly string[], { cwd = elsewhere, ...settings }: Readonly<Record<string, string>> = {}) {
    const env = { PATH: `${join(base, 'bin')}:${process.env.PATH}`, ...settings };
    await run(join(clone, 'kedge'), words, { cwd, env });
    const asked = (await readFile(join(base, 'bin/docker.log'), 'utf8')).split('\n').slice(0, -1);
    const after = (option: string) => asked.flatMap((word, index) => (word === option ? [asked[index + 1] ?? ''] : []));
    return {
      seen: after('--volume'),
      workdir: after('--workdir'),
      environment: after('--env'),
      words: asked.slice(asked.indexOf('cli') + 1),
    };
  }
  const readOnly = (...folders: readonly string[]) => folders.map((folder) => `${folder}:${folder}:ro`);

  it('sees the current folder and that of the stack, in their places', async () => {
    const { seen, workdir, environment, words } = await started(['status', 'web']);
    assert.deepEqual(seen, readOnly(elsewhere, join(clone, 'deploy')));
    assert.deepEqual(workdir, [elsewhere]);
    assert.ok(environment.includes(`KEDGE_CONFIG=${clone}/./deploy`), String(environment));
    assert.deepEqual(words, ['status', 'web']);
    assert.deepEqual((await started(['status'], { cwd: '/' })).workdir, ['/']);
  });

  it('sees what the line names, wherever that lies', async () => {
    const conf = join(elsewhere, 'conf');
    for (const words of [
      ['validate', conf],
      ['validate', '../else where/conf'],
      ['-t', '-c', `${conf}/dispenser.toml`],
      ['-t', '--config=../else where/conf'],
      [`-c${conf}`, 'dev', 'api', '-t'],
    ]) {
      const given = await started(words, { cwd: clone });
      // The script asks first whether the stack of dev may be started, and has a file for the answer.
      assert.deepEqual(
        given.seen.filter((volume) => !volume.includes('/settings.')),
        readOnly(clone, join(clone, 'deploy'), conf),
        words.join(' '),
      );
      assert.deepEqual(given.words, words);
    }
  });

  it('sees the folder of the stack also by a link, and nothing twice', async () => {
    const link = join(base, 'link');
    await symlink(join(elsewhere, 'conf'), link);
    const { seen } = await started(['validate', join(elsewhere, 'conf/')], { cwd: join(elsewhere, 'conf'), KEDGE_CONFIG: link });
    assert.deepEqual(seen, readOnly(join(elsewhere, 'conf'), link));
  });

  it('sees the processes of the machine when it moves from Dispenser, and only then', async () => {
    const { seen, environment } = await started(['import', 'dispenser', join(elsewhere, 'conf')], { cwd: clone });
    assert.deepEqual(seen.at(-1), '/proc:/host/proc:ro');
    assert.ok(environment.includes('KEDGE_PROCESSES=/host/proc'));
    for (const words of [['logs', 'import'], ['validate', 'import'], ['status']]) {
      const given = await started(words);
      assert.ok(!given.seen.some((volume) => volume.startsWith('/proc')) && !given.environment.some((each) => each.includes('PROCESSES')));
    }
  });
});
