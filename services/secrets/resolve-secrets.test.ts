import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createTemplateFolder } from '@kedge/config/folder';
import { createRenderConfiguration, fingerprintKey, loadEngine } from '@kedge/config/template';
import { createFindSecrets } from './find-secrets.ts';
import { createResolveSecrets } from './resolve-secrets.ts';

const engine = await loadEngine();

const key = fingerprintKey(new Uint8Array(32).fill(7));
const newKey = fingerprintKey(new Uint8Array(32).fill(8));
const service = '[env]\nTOKEN = "x-${token}"\nPORT = "${port}"\nPLAIN = "p"\n[service]\ncommand = ["serve", "${token}"]\n';

describe('resolveSecrets', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-resolve-'));
    await write('dispenser.vars', 'token = "c4nary"\nport = "80"\n');
    await write('service.toml', service);
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  const write = async (name: string, text: string) => await writeFile(join(root, name), text);
  const resolve = async (secrets: readonly { ref: string; fingerprint: string }[], by = key) =>
    await createResolveSecrets(createFindSecrets({ engine, folder: createTemplateFolder(root), key: by, store: null }))({
      secrets: [...secrets],
    });
  async function declared(text = service) {
    const reply = await createRenderConfiguration({ folder: createTemplateFolder(root), key })({
      files: [{ path: 'service.toml', text }],
    });
    assert.deepEqual(reply.problems, []);
    return reply.files.flatMap(({ tainted }) => tainted.map(({ secret }) => secret));
  }

  it('gives what was declared', async () => {
    assert.deepEqual(await resolve(await declared()), {
      values: { 'service.toml#/env/TOKEN': 'x-c4nary', 'service.toml#/env/PORT': '80', 'service.toml#/service/command/1': 'c4nary' },
    });
  });

  it('refuses a value that changed since, so that nobody deploys what the spec does not say; the error names the place only', async () => {
    const secrets = await declared();
    await write('dispenser.vars', 'token = "c4nary-2"\nport = "80"\n');
    await assert.rejects(resolve(secrets), (thrown: Error) => {
      assert.deepEqual([thrown.name, 'code' in thrown && thrown.code], ['RetryableError', 'SECRET_CHANGED']);
      assert.match(thrown.message, /"env\.TOKEN"/);
      assert.ok(!JSON.stringify([thrown.message, thrown]).includes('c4nary'));
      return true;
    });
    assert.deepEqual(await resolve(secrets.filter(({ ref }) => ref.endsWith('PORT'))), { values: { 'service.toml#/env/PORT': '80' } });
  });

  it('refuses a value that is gone, with its key, its file or its variable', async () => {
    const secrets = await declared();
    await write('service.toml', '[env]\n');
    await assert.rejects(resolve(secrets), { code: 'SECRET_CHANGED' });
    await rm(join(root, 'service.toml'));
    await assert.rejects(resolve(secrets), { code: 'SECRET_CHANGED' });
    await write('service.toml', service);
    await write('dispenser.vars', 'token = broken');
    await assert.rejects(resolve(secrets), { code: 'SECRET_CHANGED' });
  });

  it('tells the key and not the path of the file, which a variable may have made', async () => {
    await mkdir(join(root, 'p4th'));
    await write('p4th/service.toml', service);
    const secrets = (await declared()).map(({ ref, fingerprint }) => ({
      ref: ref.replace('service.toml', 'p4th/service.toml'),
      fingerprint,
    }));
    await assert.rejects(resolve(secrets), (thrown: Error) => {
      assert.match(thrown.message, /^the value of "env\.[A-Z]+" changed/);
      assert.ok(!JSON.stringify([thrown.message, thrown]).includes('p4th'));
      return true;
    });
  });

  it('gives the value as it is now for a fingerprint of a lost key', async () => {
    assert.deepEqual((await resolve(await declared(), newKey)).values['service.toml#/env/TOKEN'], 'x-c4nary');
  });

  it('refuses places that are none or lie outside of the folder, whatever their fingerprint', async () => {
    for (const ref of [
      '../service.toml#/env/TOKEN',
      '/etc/x.toml#/a',
      'dispenser.vars#/token',
      'x.dispenser.vars#/token',
      '../app.env#/A',
      '/etc/hostname#/A',
      'nonsense',
    ]) {
      await assert.rejects(resolve([{ ref, fingerprint: '00000000:0' }]), { code: 'SECRET_REF_INVALID' });
    }
  });

  it('gives what templates make of variables', async () => {
    const text = '{% if port == "80" %}[env]\nA = "${ token | upper }"\nB = "{% for c in port %}${c}.{% endfor %}"\n{% endif %}';
    await write('service.toml', text);
    assert.deepEqual((await resolve(await declared(text))).values, { 'service.toml#/env/A': 'C4NARY', 'service.toml#/env/B': '8.0.' });
  });

  it('gives the values of env files, as they are now', async () => {
    await write('app.env', 'A="c4nary 1" # x\nB=2\n');
    const render = createRenderConfiguration({ folder: createTemplateFolder(root), key });
    const asked = async () =>
      (await render({ files: [], envFiles: ['app.env'] })).envFiles?.[0]?.variables?.map(({ secret }) => secret) ?? [];
    const secrets = await asked();
    assert.deepEqual((await resolve(secrets)).values, { 'app.env#/A': 'c4nary 1', 'app.env#/B': '2' });
    await write('app.env', 'A=other\nB=2\n');
    await assert.rejects(resolve(secrets), { code: 'SECRET_CHANGED' });
    assert.deepEqual((await resolve(secrets.slice(1))).values, { 'app.env#/B': '2' });
    await rm(join(root, 'app.env'));
    await assert.rejects(resolve(secrets), { code: 'SECRET_CHANGED' });
  });

  it('has nothing to say about nothing', async () => assert.deepEqual(await resolve([]), { values: {} }));
});
