import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { marksOf } from './marks.ts';

describe('marks of files', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-marks-'));
  });
  after(async () => await rm(root, { recursive: true, force: true }));

  it('change with what was written, and tell a missing file', async () => {
    const path = join(root, 'm.toml');
    await writeFile(path, 'a');
    const [first] = await marksOf([path]);
    assert.deepEqual(await marksOf([path]), [first]);
    await writeFile(path, 'bb');
    assert.notEqual((await marksOf([path]))[0]?.mark, first?.mark);
    assert.deepEqual(await marksOf([join(root, 'none')]), [{ mark: 'ENOENT', changedAtMs: 0 }]);
  });

  it('come in the order of the files, however many there are', async () => {
    const paths = Array.from({ length: 150 }, (_, index) => join(root, `f${index}`));
    for (const [index, path] of paths.entries()) if (index % 2 === 0) await writeFile(path, 'x'.repeat(index));
    assert.deepEqual(
      (await marksOf(paths)).map(({ mark }) => mark.split(':')[0]),
      paths.map((_, index) => (index % 2 === 0 ? String(index) : 'ENOENT')),
    );
    assert.deepEqual(await marksOf([]), []);
  });
});
