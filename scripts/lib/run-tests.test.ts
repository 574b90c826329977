import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';

const files = {
  'fine.test.ts': "import { it } from 'node:test';\nit('is fine', () => {});\n",
  'thrown.test.ts': `import { it } from 'node:test';
it('throws later', async () => {
  setTimeout(() => { throw new Error('later') });
  await new Promise((resolve) => setTimeout(resolve, 20));
});
`,
  'rejected.test.ts': `import { it } from 'node:test';
it('forgets a promise', async () => {
  void (async () => { await null; throw new Error('forgotten'); })();
  await new Promise((resolve) => setImmediate(resolve));
});
`,
  'open.test.ts': `import { createServer } from 'node:net';
import { it } from 'node:test';
it('leaves a server', async () => await new Promise((resolve) => createServer().listen(0, () => resolve())));
`,
  'slow.test.ts': `import { it } from 'node:test';
it('never ends', async () => await new Promise((resolve) => setTimeout(resolve, 3_600_000)));
`,
  'stuck.test.ts': "import { it } from 'node:test';\nawait new Promise(() => {});\nit('is never told of', () => {});\n",
  'broken.test.ts': "throw new Error('not even loaded');\n",
};

async function prepare(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-run-tests-'));
  t.after(async () => await rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);

  return async function run(...names: readonly (keyof typeof files)[]) {
    await writeFile(join(folder, 'list'), names.map((name) => `${join(folder, name)}\n`).join(''));
    const options = [join(import.meta.dirname, 'run-tests.ts'), join(folder, 'list'), join(folder, 'count'), '1000'];
    const { status, stdout } = spawnSync(process.execPath, options, { encoding: 'utf8', timeout: 20_000 });
    const [count] = (await readFile(join(folder, 'count'), 'utf8')).split('\n');
    return { status, count, stdout };
  };
}

it('what a test leaves open, or waits for, keeps nobody for ever, and a file that is never read to its end is a failure', async (t) => {
  const run = await prepare(t);
  assert.deepEqual({ ...(await run('open.test.ts', 'fine.test.ts')), stdout: '' }, { status: 0, count: '2 0', stdout: '' });
  const late = await run('slow.test.ts', 'fine.test.ts');
  assert.deepEqual({ ...late, stdout: '' }, { status: 1, count: '1 1', stdout: '' });
  assert.match(late.stdout, /✖ never ends/);
  assert.equal((await run('stuck.test.ts')).count, '0 1');
});

it('every error is counted and shown: of a test, of a promise that nobody awaits, and of a file', async (t) => {
  const run = await prepare(t);
  assert.deepEqual({ ...(await run('fine.test.ts')), stdout: '' }, { status: 0, count: '1 0', stdout: '' });

  const { stdout, ...end } = await run('thrown.test.ts', 'broken.test.ts');
  assert.deepEqual(end, { status: 1, count: '0 2' });
  assert.match(stdout, /✖ throws later[\s\S]*Error: later/);
  assert.match(stdout, /not even loaded/);

  const forgotten = await run('rejected.test.ts', 'fine.test.ts');
  assert.deepEqual({ ...forgotten, stdout: '' }, { status: 1, count: '2 1', stdout: '' });
  assert.match(forgotten.stdout, /nobody handled it: Error: forgotten\n +at .*rejected\.test\.ts:3/);
});
