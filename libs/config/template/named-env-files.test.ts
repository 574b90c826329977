import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TemplateFolder } from '../ports.ts';
import { loadEngine } from './engine.ts';
import { findEnvFiles } from './named-env-files.ts';

const engine = await loadEngine();

async function find(files: Readonly<Record<string, string>>) {
  const folder: TemplateFolder = {
    readVariableFiles: async () => [],
    read: async (path) => (Object.hasOwn(files, path) ? { path, text: files[path] ?? '' } : null),
    readEnvFile: async () => null,
  };
  return await findEnvFiles({ engine, folder, variables: { values: new Map([['stage', 'prod']]), secrets: new Set() } });
}

describe('findEnvFiles', () => {
  it('finds the files of all services, in every form, through templates', async () => {
    const found = await find({
      'kedge.toml':
        '[[service]]\npath = "web"\n{% if stage == "prod" %}[[service]]\npath = "jobs/./nightly/"{% endif %}\n[[service]]\npath = "."',
      'web/service.toml': '[service]\nenv_file = "${stage}.env"',
      'jobs/nightly/service.toml': '[service]\nenv_file = ["a.env", { path = "../b.env", required = false }]',
      'service.toml': '[service]\nenv_file = "jobs/b.env"',
    });
    assert.deepEqual(found, ['web/prod.env', 'jobs/nightly/a.env', 'jobs/b.env']);
  });

  it('finds nothing in what is broken, absent or outside', async () => {
    assert.deepEqual(await find({}), []);
    assert.deepEqual(
      await find({
        'dispenser.toml': 'service = [{ path = "web" }, { path = "../x" }, { path = "/y" }, { path = 5 }, { path = "none" }, "z"]',
        'web/service.toml': '[service]\nenv_file = ["../../a.env", "/b.env", 5, { path = 5 }]',
      }),
      [],
    );
    assert.deepEqual(await find({ 'kedge.toml': '[[service]\n' }), []);
  });
});
