import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open as openFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createConfigurationFolder } from './configuration-folder.ts';

describe('the configuration folder on disk', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'kedge-folder-'));
  });
  afterEach(async () => await rm(path, { recursive: true, force: true }));

  const look = async (...folders: readonly string[]) => await createConfigurationFolder({ path }).look(folders);
  const write = async (name: string, text: string) => await writeFile(join(path, name), text);
  const variables = async () => {
    const reading = await look();
    return reading.kind === 'read' ? reading.variables : '';
  };

  it('reads the main file and the files of services', async () => {
    await write('dispenser.toml', 'delay = 1\n');
    await mkdir(join(path, 'web'));
    await write('web/service.toml', 'x');
    assert.deepEqual(await look('web', 'gone'), {
      kind: 'read',
      entry: 'dispenser.toml',
      text: 'delay = 1\n',
      services: { web: { kind: 'text', text: 'x' }, gone: { kind: 'unreadable', reason: 'does not exist, and neither does its folder' } },
      variables: '',
    });
  });

  it('reads an empty main file as what it is', async () => {
    await write('kedge.toml', '');
    const reading = await look();
    assert.equal(reading.kind === 'read' && reading.text, '');
  });

  it('is never empty when it is missing, has no main file, or one that cannot be read', async () => {
    assert.deepEqual(await look(), {
      kind: 'unreadable',
      file: 'kedge.toml',
      missingIn: path,
      reason: `there is neither kedge.toml nor dispenser.toml in ${path}`,
    });
    await mkdir(join(path, 'dispenser.toml'));
    assert.deepEqual(await look(), { kind: 'unreadable', file: 'dispenser.toml', reason: 'dispenser.toml is a folder, not a file' });
    await rm(path, { recursive: true });
    assert.deepEqual(await look(), {
      kind: 'unreadable',
      file: 'kedge.toml',
      missingIn: path,
      reason: `the configuration folder ${path} does not exist`,
    });
  });

  it('tells a folder that was deleted under its mount from an empty one, and what to do', async () => {
    await write('kedge.toml', '');
    // An open folder stands for a mounted one: both go on seeing what was deleted.
    const open = await openFile(path);
    try {
      const folder = createConfigurationFolder({ path: `/proc/self/fd/${open.fd}`, name: './deploy' });
      assert.equal((await folder.look([])).kind, 'read');
      await rm(path, { recursive: true });
      await mkdir(path);
      await write('kedge.toml', '');
      const reading = await folder.look([]);
      assert.equal(reading.kind, 'unreadable');
      assert.match(
        reading.kind === 'unreadable' ? reading.reason : '',
        /^the configuration folder \.\/deploy was deleted, .*"docker compose up -d --force-recreate watcher secrets reconciler", .* put files into the folder/,
      );
    } finally {
      await open.close();
    }
  });

  it('is called what its user calls it', async () => {
    const reading = await createConfigurationFolder({ path, name: './deploy' }).look([]);
    assert.equal(reading.kind === 'unreadable' && reading.reason, 'there is neither kedge.toml nor dispenser.toml in ./deploy');
  });

  it('takes the main file that somebody chose, whatever else lies there', async () => {
    const folder = createConfigurationFolder({ path, name: './deploy', file: 'staging.toml' });
    await write('kedge.toml', 'delay = 1\n');
    await write('dispenser.toml', '');
    assert.deepEqual(await folder.look([]), { kind: 'unreadable', file: 'staging.toml', reason: 'there is no staging.toml in ./deploy' });
    await write('staging.toml', 'delay = 2\n');
    const reading = await folder.look([]);
    assert.deepEqual(reading.kind === 'read' && [reading.entry, reading.text], ['staging.toml', 'delay = 2\n']);
  });

  it('does not choose between two main files', async () => {
    await write('kedge.toml', '');
    await write('dispenser.toml', '');
    assert.deepEqual(await look(), { kind: 'ambiguous' });
  });

  it('gives the very same reading of a file that did not change, and another mark of an env file that did', async () => {
    await write('kedge.toml', '');
    await mkdir(join(path, 'web'));
    await write('web/service.toml', 'x');
    await write('web/a.env', 'A=1');
    const folder = createConfigurationFolder({ path });
    const [first, second] = [await folder.look(['web'], ['web/a.env', 'none']), await folder.look(['web'], ['web/a.env', 'none'])];
    assert.ok(first.kind === 'read' && second.kind === 'read');
    assert.equal(first.services.web, second.services.web);
    assert.deepEqual(first, second);
    assert.equal(first.envFiles?.none, 'ENOENT');
    await write('web/a.env', 'A=22');
    const third = await folder.look(['web'], ['web/a.env']);
    assert.ok(third.kind === 'read');
    assert.notEqual(third.envFiles?.['web/a.env'], first.envFiles?.['web/a.env']);
  });

  it('refuses a file that cannot be a configuration', async () => {
    await write('kedge.toml', 'x'.repeat(300_000));
    assert.deepEqual(await look(), { kind: 'unreadable', file: 'kedge.toml', reason: 'kedge.toml is larger than 256 KiB: it has 293 KiB' });
  });

  it('notices variable files that come, change, move and go, and no others', async () => {
    await write('kedge.toml', '');
    const none = await variables();
    await write('dispenser.vars', 'a = "1"');
    const one = await variables();
    await write('prod.dispenser.vars', 'a = "1"');
    const two = await variables();
    await write('dispenser.vars', 'a = "22"');
    const changed = await variables();
    await write('next', 'a = "33"');
    assert.equal(await variables(), changed);
    await rename(join(path, 'next'), join(path, 'dispenser.vars'));
    const replaced = await variables();
    await rm(join(path, 'prod.dispenser.vars'));
    assert.equal(new Set([none, one, two, changed, replaced, await variables()]).size, 6);
  });

  it('follows links to variable files', async () => {
    await write('kedge.toml', '');
    await write('real', 'a = "1"');
    await symlink(join(path, 'real'), join(path, 'linked.dispenser.vars'));
    const before = await variables();
    await write('real', 'a = "22"');
    assert.notEqual(await variables(), before);
  });

  it('reads variable files and env files to count their lines, and nothing outside of the folder', async () => {
    await write('dispenser.vars', 'a = 1\n');
    await write('web.env', 'x');
    const folder = createConfigurationFolder({ path });
    assert.equal(await folder.variablesText('dispenser.vars'), 'a = 1\n');
    assert.equal(await folder.variablesText('prod.dispenser.vars'), null);
    assert.equal(await folder.variablesText('web.env'), 'x');
    assert.equal(await folder.variablesText(`../${basename(path)}/web.env`), null);
    assert.equal(await folder.variablesText(join(path, 'web.env')), null);
  });
});
