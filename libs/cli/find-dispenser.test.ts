import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findDispenser } from './find-dispenser.ts';

interface Running {
  readonly name?: string;
  readonly words?: readonly string[];
  /** Default: nobody may see it. */
  readonly startedIn?: string;
}

describe('findDispenser', () => {
  let base = '';
  let folder = '';
  const find = async (named = folder) => await findDispenser({ folder: named, processes: join(base, 'proc') });
  async function runs(pid: number, { name = 'dispenser', words = ['dispenser'], startedIn }: Running = {}): Promise<void> {
    const place = join(base, 'proc', String(pid));
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'comm'), `${name}\n`);
    await writeFile(join(place, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    if (startedIn !== undefined) await symlink(startedIn, join(place, 'cwd'));
  }
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'kedge-dispenser-')));
    folder = join(base, 'opt');
    for (const name of ['opt', 'other']) await mkdir(join(base, name));
    await runs(1, { name: 'systemd', words: ['/sbin/init'] });
    await runs(2, { name: 'kthreadd', words: [] });
    await runs(13, { name: 'sshd', words: ['sshd', '-c', folder], startedIn: folder });
  });
  afterEach(async () => await rm(base, { recursive: true }));

  it('finds none where none runs', async () => assert.deepEqual(await find(), { kind: 'gone' }));

  const table: readonly (readonly [text: string, isFound: boolean])[] = [
    ['12', true],
    ['12\n', true],
    ['13', false],
    ['14', false],
    ['', false],
    ['../12', false],
  ];
  for (const [text, isFound] of table) {
    it(`finds ${isFound ? 'it' : 'none'} by the file ${JSON.stringify(text)}`, async () => {
      await runs(12, { startedIn: join(base, 'other') });
      await writeFile(join(folder, 'dispenser.pid'), text);
      assert.deepEqual(await find(), isFound ? { kind: 'runs', pid: 12, by: 'pid-file' } : { kind: 'gone' });
    });
  }

  it('finds it by where it was started, also where the folder is named by a link', async () => {
    await runs(12, { startedIn: folder });
    await symlink(folder, join(base, 'link'));
    for (const named of [folder, join(base, 'link'), `${folder}/`]) {
      assert.deepEqual(await find(named), { kind: 'runs', pid: 12, by: 'process' }, named);
    }
  });

  it('finds it by the main file that it was given, as the unit of its package does it', async () => {
    await runs(12, { words: ['/usr/local/bin/dispenser', '--config', join(folder, 'dispenser.toml')] });
    assert.deepEqual(await find(), { kind: 'runs', pid: 12, by: 'process' });
  });

  it('counts a relative main file from where the process was started', async () => {
    await runs(12, { words: ['dispenser', '-c', 'opt/main.toml'], startedIn: base });
    assert.deepEqual(await find(), { kind: 'runs', pid: 12, by: 'process' });
    await runs(12, { words: ['dispenser', '-c', 'other/main.toml'] });
    assert.deepEqual(await find(), { kind: 'gone' });
  });

  it('does not say that it is gone when nobody can tell where a Dispenser works', async () => {
    await runs(12, { words: ['dispenser', '-c', 'main.toml'] });
    assert.deepEqual(await find(), { kind: 'may-run', pid: 12 });
  });

  it('does not say that it is gone when its folder is not seen by its name, as from a container or in one', async () => {
    const nowhere = join(base, 'nowhere/that/is/seen');
    for (const startedIn of [undefined, '/']) {
      await rm(join(base, 'proc/12'), { recursive: true, force: true });
      await runs(12, { words: ['dispenser', '-c', join(nowhere, '../seen/main.toml')], ...(startedIn && { startedIn }) });
      assert.deepEqual(await find(), { kind: 'may-run', pid: 12, calledThere: nowhere });
      assert.deepEqual(await find(nowhere), { kind: 'runs', pid: 12, by: 'process' });
    }
  });

  it('passes over one that ended and is still listed, and the errands of a daemon', async () => {
    await runs(12, { words: [], startedIn: folder });
    await runs(15, { words: ['dispenser', 'telemetry-flush', '--config', '{}'], startedIn: folder });
    assert.deepEqual(await find(), { kind: 'gone' });
  });

  it('does not say that it is gone where the machine’s processes are not seen, as in a container', async () => {
    await rm(join(base, 'proc/2'), { recursive: true });
    assert.deepEqual(await find(), { kind: 'unseen', pid: null });
    await writeFile(join(folder, 'dispenser.pid'), '12');
    assert.deepEqual(await find(), { kind: 'unseen', pid: 12 });
    await rm(join(base, 'proc'), { recursive: true });
    assert.deepEqual(await find(), { kind: 'unseen', pid: 12 });
  });
});
