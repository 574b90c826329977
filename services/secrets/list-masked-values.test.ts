import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createTemplateFolder } from '@kedge/config/folder';
import { loadEngine } from '@kedge/config/template';
import { createListMaskedValues } from './list-masked-values.ts';

const engine = await loadEngine();

describe('listMaskedValues', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-mask-'));
    await mkdir(join(root, 'web'));
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  const write = async (name: string, text: string) => await writeFile(join(root, name), text);
  const list = async (more: Partial<Parameters<typeof createListMaskedValues>[0]> = {}) =>
    (await createListMaskedValues({ engine, folder: createTemplateFolder(root), store: null, ...more })()).values;

  it('gives values of variables, what is made of them, and those of env files; each once', async () => {
    await write('dispenser.vars', 'a = "one"\nb = "two"\nc = { source = "google", name = "projects/p/secrets/C" }\n');
    await write('x.dispenser.vars', 'd = "${a}"\n');
    await write('kedge.toml', '[[service]]\npath = "web"\n');
    await write('web/service.toml', '[service]\nenv_file = ["app.env", "none.env"]\n[env]\nA = "${ a | upper }"\nB = "x${b}"\n');
    await write('web/app.env', 'C=three\nD=two\n');
    assert.deepEqual(await list(), ['one', 'two', 'ONE', 'three']);
  });

  it('gives what a secret source tells, and goes by the main file that is named', async () => {
    await write('dispenser.vars', 'c = { source = "google", name = "projects/p/secrets/C" }\n');
    await write('staging.toml', '[[service]]\npath = "web"\n');
    await write('web/service.toml', '[service]\nenv_file = "app.env"\n');
    await write('web/app.env', 'D=two\n');
    const store = { access: async () => ({ ok: true, value: 'one' }) as const };
    assert.deepEqual(await list({ store }), ['one']);
    assert.deepEqual(await list({ store, mainFile: 'staging.toml' }), ['one', 'two']);
  });

  it('gives nothing in an empty folder', async () => assert.deepEqual(await list(), []));

  it('gives what it can of services that are broken', async () => {
    await write('dispenser.vars', 'a = "one"\n');
    await write('kedge.toml', '[[service]\n');
    assert.deepEqual(await list(), ['one']);
  });

  it('gives what was there before as well: containers run on with it', async () => {
    const folder = createTemplateFolder(root);
    const listNow = createListMaskedValues({ engine, folder, store: null });
    await write('dispenser.vars', 'a = "one"\n');
    await write('kedge.toml', '[[service]]\npath = "web"\n');
    await write('web/service.toml', '[service]\nenv_file = "app.env"\n');
    await write('web/app.env', 'C=three\n');
    assert.deepEqual((await listNow()).values, ['one', 'three']);
    await write('kedge.toml', 'half');
    await write('dispenser.vars', 'a = "two"\n');
    assert.deepEqual((await listNow()).values, ['one', 'three', 'two']);
    await write('dispenser.vars', 'a = \n');
    assert.deepEqual((await listNow()).values, ['one', 'three', 'two']);
  });

  it('is refused while the variable files are broken and never were right', async () => {
    await write('dispenser.vars', 'a = "one"\nb = 5\n');
    await assert.rejects(list(), { name: 'RetryableError', code: 'MASK_UNKNOWN' });
  });
});
