import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { folderNamedBy } from './config-place.ts';

describe('folderNamedBy', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-place-'));
    await writeFile(join(folder, 'staging.toml'), '');
  });
  after(async () => await rm(folder, { recursive: true }));

  it('takes a folder', async () => assert.equal(await folderNamedBy(folder), folder));

  it('takes its main file, there or not', async () => {
    assert.equal(await folderNamedBy(join(folder, 'dispenser.toml')), folder);
    assert.equal(await folderNamedBy('kedge.toml'), resolve('.'));
  });

  it('leaves a folder that is not there to whoever reads it', async () => {
    assert.equal(await folderNamedBy(join(folder, 'nowhere')), join(folder, 'nowhere'));
  });

  it('says which names a main file may have', async () => {
    await assert.rejects(folderNamedBy(join(folder, 'staging.toml')), {
      code: 'CONFIG_NAME_UNKNOWN',
      message: /kedge.toml or dispenser.toml/,
    });
  });
});
