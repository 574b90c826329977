import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { createChangeHints } from './change-hints.ts';

/** A system that watches what is there, and says what it is told to. */
function system(...there: readonly string[]) {
  const present = new Set(there);
  const watched = new Map<string, () => void>();
  const hints = createChangeHints({
    watchFolder(folder, changed) {
      if (!present.has(folder)) throw new Error('ENOENT');
      watched.set(folder, changed);
      return { close: () => void watched.delete(folder) };
    },
  });
  return { hints, present, watched, taken: () => [...hints.take()].toSorted() };
}

describe('hints of changes', () => {
  it('are taken once', () => {
    const { hints, watched, taken } = system('a', 'b');
    hints.follow(['a', 'b']);
    assert.deepEqual(taken(), []);
    watched.get('a')?.();
    assert.deepEqual([taken(), taken()], [['a'], []]);
  });

  it('come once until they are taken, and again afterwards', () => {
    const { hints, watched, taken } = system('a', 'b');
    hints.follow(['a', 'b']);
    watched.get('a')?.();
    assert.deepEqual([...watched.keys()], ['b']);
    assert.deepEqual(taken(), ['a']);
    watched.get('a')?.();
    assert.deepEqual(taken(), ['a']);
  });

  it('name a folder that cannot be watched every time, until it can be', () => {
    const { hints, present, watched, taken } = system('a', 'b');
    const folders = ['a', 'b'];
    hints.follow(folders);
    present.delete('b');
    watched.get('b')?.();
    assert.deepEqual([taken(), taken(), taken()], [['b'], ['b'], ['b']]);
    present.add('b');
    hints.follow(folders);
    assert.deepEqual(taken(), []);
  });

  it('end for folders that are not followed any more, and all of them at the end', async () => {
    const { hints, watched, taken } = system('a', 'b');
    hints.follow(['a', 'b']);
    watched.get('a')?.();
    hints.follow(['b', 'c']);
    assert.deepEqual([[...watched.keys()], taken()], [['b'], ['c']]);
    await hints.close();
    assert.equal(watched.size, 0);
  });

  it('name everything, and begin afresh, when that is asked for', () => {
    const { hints, watched, taken } = system('a');
    const folders = ['a'];
    hints.follow(folders);
    const first = watched.get('a');
    hints.renew();
    hints.follow(folders);
    assert.deepEqual(taken(), ['a']);
    assert.ok(watched.get('a') && watched.get('a') !== first);
    assert.deepEqual(taken(), []);
  });

  describe('on disk', () => {
    let root = '';
    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'kedge-hints-'));
    });
    after(async () => await rm(root, { recursive: true, force: true }));

    it('tell of a file that was written, or put in the place of another, and of a folder that was replaced', async () => {
      const web = join(root, 'web');
      await mkdir(web);
      const hints = createChangeHints();
      const isTold = async () => await waitUntil(() => hints.take().has(web));
      try {
        hints.follow([web]);
        await writeFile(join(web, 'service.toml'), 'a');
        await isTold();
        await writeFile(join(web, 'service.toml'), 'b');
        await isTold();
        await writeFile(join(root, 'other'), 'c');
        await rename(join(root, 'other'), join(web, 'service.toml'));
        await isTold();
        await rename(web, join(root, 'old'));
        await mkdir(web);
        await isTold();
        await writeFile(join(web, 'service.toml'), 'd');
        await isTold();
      } finally {
        await hints.close();
      }
    });
  });
});
