import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createTemplateFolder } from './template-folder.ts';

describe('the configuration folder', () => {
  let root = '';
  let folder = '';

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-folder-'));
    folder = join(root, 'config');
    await mkdir(join(folder, 'web'), { recursive: true });
    await mkdir(join(folder, 'folder.dispenser.vars'));
    await writeFile(join(root, 'outside.toml'), 'a = 1');
    await writeFile(join(folder, 'web', 'service.toml'), 'b = 1');
    await writeFile(join(folder, 'z.dispenser.vars'), 'z = "1"');
    await writeFile(join(folder, 'dispenser.vars'), 'primary = "1"');
    await writeFile(join(folder, 'dispenser.vars.bak'), 'no');
    await writeFile(join(folder, 'binary.dispenser.vars'), Buffer.from([0x61, 0x0a, 0x62, 0xff, 0xfe]));
    await writeFile(join(root, 'linked'), 'linked = "1"');
    await writeFile(join(folder, 'wide.dispenser.vars'), Buffer.from('\uFEFFwide = "1"', 'utf16le'));
    await symlink(join(root, 'linked'), join(folder, 'a.dispenser.vars'));
    await symlink('gone', join(folder, 'nowhere.dispenser.vars'));
    // Emacs locks a file that is changed and not saved yet, and Dispenser reads files of hidden names.
    await symlink('me@host.1234:1700000000', join(folder, '.#z.dispenser.vars'));
    await writeFile(join(folder, '.hidden.dispenser.vars'), 'hidden = "1"');
    await symlink('web', join(folder, 'to-a-folder.dispenser.vars'));
  });
  after(async () => await rm(root, { recursive: true, force: true }));

  it('gives the primary variable file first, then the others by name, links followed', async () => {
    assert.deepEqual(await createTemplateFolder(folder).readVariableFiles(), [
      { path: 'dispenser.vars', text: 'primary = "1"' },
      { path: '.hidden.dispenser.vars', text: 'hidden = "1"' },
      { path: 'a.dispenser.vars', text: 'linked = "1"' },
      { path: 'binary.dispenser.vars', text: null, trouble: 'it is not UTF-8 text from line 2, column 2 on; save it as UTF-8' },
      { path: 'nowhere.dispenser.vars', text: null, trouble: 'it is a link that leads nowhere', isPassedOver: true },
      { path: 'wide.dispenser.vars', text: null, trouble: 'it is UTF-16 text; save it as UTF-8' },
      { path: 'z.dispenser.vars', text: 'z = "1"' },
    ]);
  });

  it('gives them in the same order on every machine', async () => {
    const many = join(root, 'many');
    await mkdir(many);
    // The machine sorts bytes, and puts the first of these last.
    const names = ['\u{1F600}.dispenser.vars', '\uFF5E.dispenser.vars'];
    for (const name of ['dispenser.vars', ...names]) await writeFile(join(many, name), '');
    const files = await createTemplateFolder(many).readVariableFiles();
    assert.deepEqual(
      files.map(({ path }) => path),
      ['dispenser.vars', ...names],
    );
  });

  it('finds variable files that come and go', async () => {
    const changing = join(root, 'changing');
    await mkdir(changing);
    const read = createTemplateFolder(changing);
    const paths = async () => (await read.readVariableFiles()).map(({ path }) => path);
    assert.deepEqual(await paths(), []);
    await writeFile(join(changing, 'b.dispenser.vars'), '');
    assert.deepEqual(await paths(), ['b.dispenser.vars']);
    await rm(join(changing, 'b.dispenser.vars'));
    await writeFile(join(changing, 'dispenser.vars'), '');
    assert.deepEqual(await paths(), ['dispenser.vars']);
  });

  it('has no variable files in a folder that is not there', async () => {
    assert.deepEqual(await createTemplateFolder(join(root, 'none')).readVariableFiles(), []);
  });

  it('reads TOML files of the folder and gives null for absent ones', async () => {
    assert.deepEqual(await createTemplateFolder(folder).read('web/service.toml'), { path: 'web/service.toml', text: 'b = 1' });
    assert.deepEqual(await createTemplateFolder(folder).read('web/../web/./service.toml'), { path: 'web/service.toml', text: 'b = 1' });
    assert.equal(await createTemplateFolder(folder).read('none/service.toml'), null);
    assert.equal(await createTemplateFolder(folder).read('web/service.toml/service.toml'), null);
  });

  for (const path of [
    '../outside.toml',
    'web/../../outside.toml',
    '/etc/hostname',
    '/outside.toml',
    '..',
    '',
    '.',
    'dispenser.vars',
    'a\0.toml',
  ]) {
    it(`refuses ${JSON.stringify(path)}`, async () => {
      await assert.rejects(createTemplateFolder(folder).read(path), { code: 'SECRET_REF_INVALID' });
    });
  }

  it('reads env files of the folder, and neither other kinds of files nor those outside', async () => {
    const { readEnvFile } = createTemplateFolder(folder);
    await writeFile(join(folder, 'web', 'app.env'), 'A=1');
    assert.deepEqual(await readEnvFile('web'), { path: 'web', text: null, trouble: 'it is a folder' });
    assert.equal(await readEnvFile('nowhere'), null);
    assert.deepEqual(await readEnvFile('web/app.env'), { path: 'web/app.env', text: 'A=1' });
    assert.equal(await readEnvFile('web/none.env'), null);
    for (const path of ['../linked', '/etc/hostname', 'dispenser.vars', 'z.dispenser.vars', 'web/service.toml', '']) {
      await assert.rejects(readEnvFile(path), { code: 'SECRET_REF_INVALID' });
    }
  });

  it('does not wait for a pipe, and reads no file that is too large', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.env')]);
    assert.deepEqual(await createTemplateFolder(folder).readEnvFile('pipe.env'), {
      path: 'pipe.env',
      text: null,
      trouble: 'it is no file',
    });
    await writeFile(join(folder, 'large.env'), Buffer.alloc(1024 * 1024 + 1, 'a'));
    const read = await createTemplateFolder(folder).readEnvFile('large.env');
    assert.equal(read?.trouble, 'it is larger than 1024 KiB');
  });
});
