import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { removeAbandoned, replaceFile } from './replace-file.ts';

async function fileIn(t: TestContext): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-replace-'));
  t.after(() => rm(folder, { recursive: true }));
  return { folder, file: join(folder, 'routes.json') };
}

describe('a replaced file', () => {
  it('is whole for every reader while two writers replace it at once, and neither of them fails', async (t) => {
    const { folder, file } = await fileIn(t);
    const texts = ['a'.repeat(200_000), 'b'.repeat(350_000)] as const;
    await replaceFile(file, texts[0]);
    let writing = true;
    let reads = 0;
    const reader = (async () => {
      while (writing) {
        const text = await readFile(file, 'utf8');
        assert.ok(
          texts.some((each) => each === text),
          `half of a file: ${text.length} characters`,
        );
        reads += 1;
      }
    })();
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(texts.map((text) => replaceFile(file, text)));
      const text = await readFile(file, 'utf8');
      assert.ok(texts.some((each) => each === text));
    }
    writing = false;
    await reader;
    assert.ok(reads > 0);
    assert.deepEqual(await readdir(folder), ['routes.json']);
  });

  it('leaves nothing beside it when it cannot take its place', async (t) => {
    const { folder, file } = await fileIn(t);
    await mkdir(join(file, 'full'), { recursive: true });
    await assert.rejects(replaceFile(file, 'in place of a folder'));
    assert.deepEqual(await readdir(folder), ['routes.json']);
  });

  it('is freed of what dead writers left, and not of what is being written', async (t) => {
    const { folder, file } = await fileIn(t);
    for (const name of ['routes.json', 'routes.json.new', 'routes.json.7-x.new', 'routes.json.8-y.new', 'other.new']) {
      await writeFile(join(folder, name), '');
    }
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of ['routes.json', 'routes.json.new', 'routes.json.7-x.new', 'other.new']) {
      await utimes(join(folder, name), longAgo, longAgo);
    }
    await removeAbandoned(file);
    assert.deepEqual((await readdir(folder)).toSorted(), ['other.new', 'routes.json', 'routes.json.8-y.new']);
  });
});
