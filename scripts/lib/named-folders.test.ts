import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = `${import.meta.dirname}/../..`;

/** What was typed in the folder `here`, and which folders beside it that names. */
const table: readonly (readonly [words: readonly string[], folders: readonly string[]])[] = [
  [['validate'], []],
  [['validate', '../conf'], ['conf']],
  [['validate', '../conf/.//../conf/'], ['conf']],
  [['validate', '--json', '../my conf'], ['my conf']],
  [['validate', '../conf/main'], ['conf']],
  [['validate', '../conf/mistyped.toml'], ['conf']],
  [['validate', '../nowhere'], []],
  [['validate', '../nowhere/x.toml'], []],
  [['validate', '../link'], ['link']],
  [['validate', 'app'], ['here/app']],
  [['-t', '../conf'], ['conf']],
  [['-t', '-c', '../conf'], ['conf']],
  [['--test', '--config=../my conf/kedge.toml'], ['my conf']],
  [['-c../conf', '-t'], ['conf']],
  [['-c=../conf', '-t'], ['conf']],
  [['-p', '../conf/dispenser.pid', '-t'], []],
  [['-t', '-c'], []],
  [['-t', '-c', ''], []],
  [['-c', '-t', '../conf'], ['conf']],
  [
    ['-c', '../conf', 'validate', '../link'],
    ['conf', 'link'],
  ],
  [['import', 'dispenser', '../conf'], ['conf']],
  [['import', '--timeout', '5m', 'dispenser', '../conf', '--yes'], ['conf']],
  [['-c', '../conf', 'import', 'dispenser'], ['conf']],
  [['import', 'dispenser', '--config', '../conf'], ['conf']],
  [['-c', '../conf', 'dev', '-s', 'api'], ['conf']],
  [['-t', 'dev', 'api', '-c', '../conf'], ['conf']],
  [['--as', 'cli', 'validate', '../conf'], ['conf']],
  [['logs', '../conf'], []],
  [['deploy', 'web', '--reason', '../conf'], []],
  [[], []],
];

describe('the folders that a command line names', () => {
  let base = '';
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'kedge-named-'));
    for (const folder of ['here/app', 'conf', 'my conf']) await mkdir(join(base, folder), { recursive: true });
    await writeFile(join(base, 'conf/main'), '');
    await symlink('conf', join(base, 'link'));
  });
  after(async () => await rm(base, { recursive: true }));

  async function named(words: readonly string[]): Promise<readonly string[]> {
    const script = 'source "$root/scripts/lib/named-folders.sh"; named_folders "$@"; printf "%s\\n" ${named[@]+"${named[@]}"}';
    const env = { PATH: process.env.PATH, root };
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script, 'bash', ...words], { cwd: join(base, 'here'), env });
    return stdout.split('\n').filter((line) => line !== '');
  }

  for (const [words, folders] of table) {
    it(`finds ${folders.length === 0 ? 'none' : folders.join(', ')} in "${words.join(' ')}"`, async () => {
      assert.deepEqual(
        await named(words),
        folders.map((folder) => join(base, folder)),
      );
    });
  }
});
