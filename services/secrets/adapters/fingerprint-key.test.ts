import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { loadFingerprintKey } from './fingerprint-key.ts';

describe('the fingerprint key', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-key-'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it('is made once, readable by its owner only, and kept', async () => {
    const state = join(folder, 'made', 'too');
    const made = await loadFingerprintKey(state);
    assert.deepEqual(await readdir(state), ['fingerprint.key']);
    assert.equal((await stat(join(state, 'fingerprint.key'))).mode & 0o777, 0o600);
    assert.equal(made.bytes.length, 32);
    assert.deepEqual(await loadFingerprintKey(state), made);
  });

  it('is one key, however many make it at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, async () => await loadFingerprintKey(folder)));
    assert.equal(new Set(keys.map(({ id }) => id)).size, 1);
    assert.deepEqual(await readdir(folder), ['fingerprint.key']);
  });

  it('is refused when the file holds something else, and left as it is', async () => {
    const path = join(folder, 'fingerprint.key');
    await writeFile(path, 'short');
    await assert.rejects(loadFingerprintKey(folder), { code: 'FINGERPRINT_KEY_INVALID' });
    assert.equal(await readFile(path, 'utf8'), 'short');
  });

  it('is not replaced when the file cannot be told from an absent one', async () => {
    await writeFile(join(folder, 'file'), '');
    await chmod(join(folder, 'file'), 0o600);
    await assert.rejects(loadFingerprintKey(join(folder, 'file')), { code: 'ENOTDIR' });
  });
});
