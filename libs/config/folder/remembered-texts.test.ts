import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createRememberedTexts } from './remembered-texts.ts';

describe('texts that are remembered', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-texts-'));
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);
  const later = (ms: number) => () => Date.now() + ms;

  it('are read again when they changed, and are the very same value when not', async () => {
    await writeFile(path('a'), 'one');
    await writeFile(path('b'), 'two');
    const read = createRememberedTexts(later(60_000));
    const [a, b] = await read([path('a'), path('b')]);
    await writeFile(path('a'), 'three');
    const [again, same] = await read([path('a'), path('b')]);
    assert.deepEqual(
      [a, again],
      [
        { kind: 'text', text: 'one' },
        { kind: 'text', text: 'three' },
      ],
    );
    assert.equal(same, b);
    await rm(path('b'));
    assert.deepEqual(await read([path('b')]), [{ kind: 'unreadable', reason: 'does not exist' }]);
  });

  it('are not trusted so shortly after a change that another one might leave the same mark', async () => {
    await writeFile(path('a'), 'one');
    const young = createRememberedTexts(Date.now);
    const [first] = await young([path('a')]);
    const [second] = await young([path('a')]);
    assert.equal(first, second);
    // A file whose marks are known and old is not opened any more: it could be gone, were it not for its mark.
    const { atime, mtime } = await stat(path('a'));
    await writeFile(path('a'), 'two');
    await utimes(path('a'), atime, mtime);
    assert.deepEqual(await young([path('a')]), [{ kind: 'text', text: 'two' }]);
  });

  it('may be many', async () => {
    const paths = Array.from({ length: 200 }, (_, index) => path(`f${index}`));
    for (const each of paths) await writeFile(each, each);
    const found = await createRememberedTexts(Date.now)(paths);
    assert.deepEqual(
      found.map((reading) => reading.kind === 'text' && reading.text),
      paths,
    );
  });
});
