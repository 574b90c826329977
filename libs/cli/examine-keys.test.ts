import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { examineKeys } from './examine-keys.ts';

async function folderWith(test: TestContext, modes: Readonly<Record<string, number>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-keys-'));
  test.after(async () => await rm(folder, { recursive: true }));
  for (const [name, mode] of Object.entries(modes)) {
    await writeFile(join(folder, name), 'seed');
    await chmod(join(folder, name), mode);
  }
  return folder;
}

describe('examineKeys', () => {
  it('finds nothing wrong with keys of their owner alone, whoever reads the rest', async (test) => {
    const folder = await folderWith(test, { 'cli.nk': 0o600, 'readme.txt': 0o644 });
    assert.deepEqual((await examineKeys(folder))[0]?.state, 'fine');
  });

  it('names each key that others can read, and the command that ends that', async (test) => {
    const folder = await folderWith(test, { 'cli.nk': 0o600, 'hooks.nk': 0o640 });
    const [found] = await examineKeys(folder);
    const key = join(folder, 'hooks.nk');
    assert.deepEqual(found, { what: 'keys', state: 'warning', message: `others can read ${key}`, advice: `chmod 600 ${key}` });
  });

  it('says that it cannot look', async () => {
    const [found] = await examineKeys('/nowhere/at/all');
    assert.match(found?.message ?? '', /^those in \/nowhere\/at\/all cannot be looked at: ENOENT/);
  });
});
