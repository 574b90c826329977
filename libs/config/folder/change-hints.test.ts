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
  const watched = new Map<string, (event: 'change' | 'gone') => void>();
  const hints = createChangeHints({
    watchFolder(folder, said) {
      if (!present.has(folder)) throw new Error('ENOENT');
      watched.set(folder, said);
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
    watched.get('a')?.('change');
    assert.deepEqual([taken(), taken()], [['a'], []]);
  });

  it('name a folder that cannot be watched every time, until it can be', () => {
    const { hints, present, taken } = system('a');
    const folders = ['a', 'b'];
    hints.follow(folders);
    assert.deepEqual([taken(), taken()], [['b'], ['b']]);
    present.add('b');
    hints.follow(folders);
    assert.deepEqual(taken(), []);
  });

  it('name a folder that went every time, until the one that has its name is watched', () => {
    const { hints, watched, taken } = system('a');
    const folders = ['a'];
    hints.follow(folders);
    watched.get('a')?.('gone');
    assert.deepEqual([taken(), taken(), [...watched]], [['a'], ['a'], []]);
    hints.follow(folders);
    assert.deepEqual([taken(), watched.size], [[], 1]);
  });

  it('end for folders that are not followed any more, and all of them at the end', async () => {
    const { hints, watched, taken } = system('a', 'b');
    hints.follow(['a', 'b']);
    hints.follow(['b', 'c']);
    assert.deepEqual([[...watched.keys()], taken()], [['b'], ['c']]);
    await hints.close();
    assert.equal(watched.size, 0);
  });

  it('begin afresh when that is asked for', () => {
    const { hints, watched, taken } = system('a');
    const folders = ['a'];
    hints.follow(folders);
    const first = watched.get('a');
    hints.renew();
    assert.deepEqual(taken(), ['a']);
    hints.follow(folders);
    assert.ok(watched.get('a') && watched.get('a') !== first);
  });

  describe('on disk', () => {
    let root = '';
    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'kedge-hints-'));
    });
    after(async () => await rm(root, { recursive: true, force: true }));

    it('tell of a file that was written, or put in the place of another, and of a folder that was replaced', async () => {
      const web = join(root, 'web');
      const folders = [web];
      await mkdir(web);
      const hints = createChangeHints();
      try {
        const isTold = async () => await waitUntil(() => hints.take().has(web));
        hints.follow(folders);
        await writeFile(join(web, 'service.toml'), 'a');
        await isTold();
        hints.follow(folders);
        await writeFile(join(web, 'service.toml'), 'b');
        await isTold();
        await writeFile(join(root, 'other'), 'c');
        await rename(join(root, 'other'), join(web, 'service.toml'));
        await isTold();
        hints.follow(folders);
        await rename(web, join(root, 'old'));
        await mkdir(web);
        await isTold();
        hints.follow(folders);
        hints.take();
        await writeFile(join(web, 'service.toml'), 'd');
        await isTold();
      } finally {
        await hints.close();
      }
    });
  });
});
