import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { marksOf } from './marks.ts';
import { createRememberedNames } from './remembered-names.ts';

/** A folder of names whose mark and clock are told, and how often it was listed. */
function folder() {
  const state = { names: ['a'], mark: '1', changedAtMs: 1, nowMs: 10_000, listed: 0, error: null as Error | null };
  const read = createRememberedNames({
    marksOf: async () => [{ mark: state.mark, changedAtMs: state.changedAtMs }],
    async readdir() {
      state.listed += 1;
      if (state.error) throw state.error;
      return [...state.names];
    },
    now: () => state.nowMs,
    isWanted: () => true,
  });
  return { state, read: async () => await read('/config') };
}

describe('the names in a folder', () => {
  it('are listed once as long as the mark of the folder is the same', async () => {
    const { state, read } = folder();
    const first = await read();
    assert.equal(await read(), first);
    assert.equal(state.listed, 1);
    Object.assign(state, { names: ['a', 'b'], mark: '2' });
    assert.deepEqual([await read(), state.listed], [['a', 'b'], 2]);
  });

  it('are listed again while another change might not show', async () => {
    for (const uncertain of [{ changedAtMs: 9_000 }, { changedAtMs: 11_000 }, { changedAtMs: 0 }]) {
      const { state, read } = folder();
      Object.assign(state, uncertain);
      await read();
      state.names = ['b'];
      assert.deepEqual(await read(), ['b']);
    }
  });

  it('are not remembered of a folder that could not be listed meanwhile', async () => {
    const { state, read } = folder();
    await read();
    Object.assign(state, { mark: '2', error: new Error('gone') });
    await assert.rejects(read(), /gone/);
    Object.assign(state, { names: ['b'], mark: '1', error: null });
    assert.deepEqual(await read(), ['b']);
  });

  it('are those of a first look, whatever was done to a folder on disk', async () => {
    const change = fc.record({
      kind: fc.constantFrom('write', 'remove', 'rename', 'folder', 'inside'),
      name: fc.constantFrom('a', 'b', 'c'),
    });
    const property = fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
      const root = await mkdtemp(join(tmpdir(), 'kedge-names-'));
      const path = join(root, 'config');
      await mkdir(path);
      // As if every change was older than the coarsest clock: only marks tell of it.
      const read = createRememberedNames({ marksOf, readdir, now: () => Date.now() + 60_000, isWanted: () => true });
      try {
        for (const { kind, name } of changes) {
          const at = join(path, name);
          const isThere = (await readdir(path)).includes(name);
          if (kind === 'remove') await rm(at, { recursive: true, force: true });
          else if (kind === 'rename' && isThere) await rename(at, `${at}-`).catch(() => undefined);
          else if (kind === 'folder' && !isThere) await mkdir(at);
          else if (kind === 'inside' && isThere) await utimes(at, 1, 1);
          else if (kind === 'write' && !isThere) await writeFile(at, '');
          assert.deepEqual((await read(path)).toSorted(), (await readdir(path)).toSorted());
        }
      } finally {
        await rm(root, { recursive: true });
      }
    });
    await fc.assert(property, { numRuns: 20 });
  });
});
