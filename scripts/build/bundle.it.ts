import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

describe('what the images carry', () => {
  it('runs without the sources, and knows its version', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-bundle-'));
    try {
      await run(process.execPath, [join(import.meta.dirname, 'bundle.ts'), folder]);
      const { stdout } = await run(process.execPath, [join(folder, 'cli/main.js'), '--version'], { cwd: folder });
      const whole = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly version: string };
      assert.equal(stdout, `${whole.version}\n`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
