import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TemplateFolder } from '../ports.ts';
import { loadEngine } from './engine.ts';
import { findPassedOn } from './passed-on.ts';

const engine = await loadEngine();

async function find(files: Readonly<Record<string, string>>) {
  const folder: TemplateFolder = {
    readVariableFiles: async () => [],
    read: async (path) => (Object.hasOwn(files, path) ? { path, text: files[path] ?? '' } : null),
    readEnvFile: async () => null,
  };
  const values = new Map([
    ['stage', 'prod'],
    ['token', 'c4nary-value'],
  ]);
  return await findPassedOn({ engine, folder, variables: { values, secrets: new Set() } });
}

describe('findPassedOn', () => {
  it('finds the files of all services, in every form, through templates', async () => {
    const { envFiles } = await find({
      'kedge.toml':
        '[[service]]\npath = "web"\n{% if stage == "prod" %}[[service]]\npath = "jobs/./nightly/"{% endif %}\n[[service]]\npath = "."',
      'web/service.toml': '[service]\nenv_file = "${stage}.env"',
      'jobs/nightly/service.toml': '[service]\nenv_file = ["a.env", { path = "../b.env", required = false }]',
      'service.toml': '[service]\nenv_file = "jobs/b.env"',
    });
    assert.deepEqual(envFiles, ['web/prod.env', 'jobs/nightly/a.env', 'jobs/b.env']);
  });

  it('finds what templates made of values so that they cannot be recognised', async () => {
    const service =
      '[env]\nA = "${ token | upper }"\nB = "x-${token}"\nC = "${ token | reverse }"\nD = "D"\n[proxy]\nhost = "${ token[:6] }"';
    const { derived } = await find({ 'kedge.toml': '[[service]]\npath = "web"', 'web/service.toml': service });
    assert.deepEqual(derived, ['C4NARY-VALUE', 'eulav-yran4c', 'c4nary']);
  });

  it('finds nothing in what is broken, absent or outside', async () => {
    const nothing = { envFiles: [], derived: [] };
    assert.deepEqual(await find({}), nothing);
    assert.deepEqual(
      await find({
        'dispenser.toml':
          'service = [{ path = "web" }, { path = "../x" }, { path = "/y" }, { path = 5 }, { path = "none" }, { path = "a\\u0000b" }, "z"]',
        'web/service.toml': '[service]\nenv_file = ["../../a.env", "/b.env", 5, { path = 5 }, "x.toml", "../dispenser.vars", "a\\u0000b"]',
      }),
      nothing,
    );
    assert.deepEqual(await find({ 'kedge.toml': '[[service]\n' }), nothing);
  });
});
