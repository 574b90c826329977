import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathOf, placeNamedBy } from './config-place.ts';

describe('placeNamedBy', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-place-'));
    await writeFile(join(folder, 'staging'), '');
    await mkdir(join(folder, 'folder.toml'));
  });
  after(async () => await rm(folder, { recursive: true }));

  it('takes a folder, whatever it is called', async () => {
    assert.deepEqual(await placeNamedBy(folder), { folder });
    assert.deepEqual(await placeNamedBy(join(folder, 'folder.toml')), { folder: join(folder, 'folder.toml') });
  });

  it('takes a main file of any name', async () => {
    assert.deepEqual(await placeNamedBy(join(folder, 'staging')), { folder, file: 'staging' });
    assert.deepEqual(await placeNamedBy('staging.toml'), { folder: resolve('.'), file: 'staging.toml' });
  });

  it('leaves what is not there to whoever reads it', async () => {
    assert.deepEqual(await placeNamedBy(join(folder, 'nowhere')), { folder: join(folder, 'nowhere') });
    assert.deepEqual(await placeNamedBy(join(folder, 'nowhere/x.toml')), { folder: join(folder, 'nowhere'), file: 'x.toml' });
  });

  it('is written back as a path', async () => {
    for (const path of [folder, join(folder, 'staging')]) assert.equal(pathOf(await placeNamedBy(path)), path);
  });
});
