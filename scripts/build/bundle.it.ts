import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

describe('what the images carry', () => {
  it('runs without the sources, knows its version and renders templates', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-bundle-'));
    try {
      await run(process.execPath, [join(import.meta.dirname, 'bundle.ts'), folder]);
      const { stdout } = await run(process.execPath, [join(folder, 'cli/main.js'), '--version'], { cwd: folder });
      const whole = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly version: string };
      assert.equal(stdout, `${whole.version}\n`);

      const configuration = join(folder, 'configuration');
      await mkdir(join(configuration, 'web'), { recursive: true });
      await writeFile(join(configuration, 'kedge.toml'), '[[service]]\npath = "web"\n');
      await writeFile(join(configuration, 'dispenser.vars'), 'name = "web"\n');
      await writeFile(
        join(configuration, 'web/service.toml'),
        '[service]\nname = "${ name | lower }"\nimage = "web:1"\n[kedge]\nwatch = true\n',
      );
      const validated = await run(process.execPath, [join(folder, 'cli/main.js'), 'validate', configuration], { cwd: folder });
      assert.match(validated.stdout, /is fine: 1 service/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
