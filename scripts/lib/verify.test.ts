import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

const script = `
root=$PWD
source scripts/lib/step.sh
source scripts/lib/verify.sh
run_quick_checks
conclude
`;

const fine = "import { it } from 'node:test';\nit('is fine', () => {});\n";
const broken = "import { it } from 'node:test';\nit('is not', () => { throw new Error('broken'); });\n";

describe('the quick checks', () => {
  let root = '';
  const write = async (path: string, text: string) => await writeFile(join(root, path), text);
  async function tool(name: string, text: string): Promise<void> {
    await write(`node_modules/.bin/${name}`, `#!/bin/bash\n${text}\n`);
    await chmod(join(root, 'node_modules/.bin', name), 0o755);
  }
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-verify-'));
    for (const folder of ['node_modules/.bin', 'scripts/lib', 'libs']) await mkdir(join(root, folder), { recursive: true });
    for (const name of ['step.sh', 'verify.sh', 'deal-tests.ts', 'run-tests.ts', 'count-reporter.ts'])
      await cp(join(import.meta.dirname, name), join(root, 'scripts/lib', name));
    await symlink(process.execPath, join(root, 'node_modules/.bin/node'));
    for (const name of ['tsc', 'biome', 'oxlint', 'knip']) await tool(name, 'exit 0');
    await write('libs/a.test.ts', fine);
  });
  afterEach(async () => await rm(root, { recursive: true }));

  /** What it said, and how it ended. */
  function check(): { readonly status: number | null; readonly out: string } {
    // A test that runs tests is one of theirs otherwise.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env, encoding: 'utf8' });
    return { status, out: `${stdout}${stderr}` };
  }

  it('count everything, and say nothing of a part that is well', async () => {
    for (const name of ['b', 'c', 'd', 'e']) await write(`libs/${name}.test.ts`, fine);
    const { status, out } = check();
    assert.equal(status, 0, out);
    assert.match(out, /^9 passed, 0 failed$/m);
    assert.doesNotMatch(out, /again|without a count/);
  });

  it('run nothing twice where there are fewer files than processes', () => {
    assert.match(check().out, /^5 passed, 0 failed$/m);
  });

  it('name the files that shared a process with one that failed, as the line that runs them again', async () => {
    await write('libs/a.test.ts', broken);
    await write('libs/b.test.ts', fine);
    const { status, out } = check();
    assert.equal(status, 1);
    assert.match(out, /^failed libs\/a\.test\.ts:2 is not: broken\n5 passed, 1 failed$/m, 'what failed stands at the end');
    const [, line = ''] = /^==> the same files in one process again: (.*)$/m.exec(out) ?? [];
    assert.equal(out.split('in one process again').length, 2, 'only of that part');
    assert.match(line, /^node_modules\/\.bin\/node --test .*--test-isolation=none .*libs\/a\.test/);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const again = spawnSync('bash', ['-c', line], { cwd: root, env, encoding: 'utf8' });
    assert.equal(again.status, 1);
    assert.match(again.stdout, /✖ is not/);
  });

  it('name the static one that failed at the end', async () => {
    await tool('knip', 'exit 1');
    assert.match(check().out, /^failed unused code\n4 passed, 1 failed$/m);
  });

  it('end with the count also where the static ones are killed', async () => {
    await tool('tsc', 'kill -KILL $PPID');
    const { status, out } = check();
    assert.equal(status, 1);
    assert.match(out, /^==> static ended without a count: it was killed, or could not begin$/m);
    assert.match(out, /^failed static: ended without a count\n1 passed, 1 failed$/m);
  });
});
