import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadCurveSeed } from './curve-seed.ts';

describe('loadCurveSeed', () => {
  it('reads the seed without the newline at its end, and says what is missing otherwise', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-seed-'));
    try {
      await assert.rejects(loadCurveSeed(folder), { code: 'SECRETS_KEY_MISSING' });
      await writeFile(join(folder, 'curve.seed'), 'SXABC\n');
      assert.equal(new TextDecoder().decode(await loadCurveSeed(folder)), 'SXABC');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
