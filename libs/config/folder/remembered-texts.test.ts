import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRememberedTexts } from './remembered-texts.ts';

/** A disk whose clock is as coarse as its marks say. */
function disk(texts: Record<string, string>) {
  const marks = new Map<string, { mark: string; changedAtMs: number }>();
  const opened: string[] = [];
  const asked: string[] = [];
  let nowMs = 0;
  const readAll = createRememberedTexts({
    marksOf: async (paths) => {
      asked.push(...paths);
      return paths.map((path) => marks.get(path) ?? { mark: 'first', changedAtMs: 1 });
    },
    async readText(path) {
      opened.push(path);
      const text = texts[path];
      return text === undefined ? { kind: 'unreadable', reason: 'does not exist' } : { kind: 'text', text };
    },
    now: () => nowMs,
  });
  return {
    opened,
    asked,
    marks,
    readAll,
    async read(atMs: number, ...paths: readonly string[]) {
      nowMs = atMs;
      return (await readAll(paths)).readings;
    },
  };
}

describe('texts that are remembered', () => {
  it('are read again when their mark changed, and are the very same value when not', async () => {
    const texts = { a: 'one', b: 'two' };
    const { read, opened, marks } = disk(texts);
    const [, b] = await read(60_000, 'a', 'b');
    texts.a = 'three';
    marks.set('a', { mark: 'second', changedAtMs: 1_000 });
    const [again, same] = await read(60_000, 'a', 'b');
    assert.deepEqual(again, { kind: 'text', text: 'three' });
    assert.equal(same, b);
    assert.deepEqual(opened, ['a', 'b', 'a']);
  });

  it('are not trusted so shortly after a change that another one might leave the same mark', async () => {
    const texts = { a: 'one' };
    const { read, opened } = disk(texts);
    const [first] = await read(100, 'a');
    assert.equal((await read(200, 'a'))[0], first);
    texts.a = 'two';
    assert.deepEqual(await read(300, 'a'), [{ kind: 'text', text: 'two' }]);
    await read(5_000, 'a');
    await read(5_001, 'a');
    assert.equal(opened.length, 4);
  });

  it('are forgotten when nobody asks for them', async () => {
    const { read, opened } = disk({ a: 'one' });
    await read(60_000, 'a');
    await read(60_000);
    await read(60_000, 'a', 'none');
    assert.deepEqual(opened, ['a', 'a', 'none']);
  });

  it('may be many, and come back in order', async () => {
    const paths = Array.from({ length: 200 }, (_, index) => `f${index}`);
    const found = await disk(Object.fromEntries(paths.map((path) => [path, path]))).read(60_000, ...paths);
    assert.deepEqual(
      found.map((reading) => reading.kind === 'text' && reading.text),
      paths,
    );
  });

  it('are taken for unchanged when they are not due, if they are known for certain', async () => {
    const texts = { a: 'one', b: 'two' };
    const { read, readAll, asked, marks } = disk(texts);
    const paths = ['a', 'b'];
    marks.set('b', { mark: 'young', changedAtMs: 59_000 });
    await read(60_000, ...paths);
    await readAll(paths);
    asked.length = 0;
    await readAll(paths, []);
    assert.deepEqual(asked, ['b']);
    asked.length = 0;
    marks.set('a', { mark: 'second', changedAtMs: 1_000 });
    texts.a = 'three';
    assert.deepEqual((await readAll(paths, [0])).changed, [0]);
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('are the very same list until one of them says something else', async () => {
    const texts = { a: 'one', b: 'two' };
    const { readAll, marks } = disk(texts);
    const paths = ['a', 'b'];
    const { readings } = await readAll(paths);
    marks.set('a', { mark: 'touched', changedAtMs: 1 });
    assert.equal((await readAll(paths)).readings, readings);
    texts.a = 'three';
    marks.set('a', { mark: 'written', changedAtMs: 2 });
    assert.notEqual((await readAll(paths)).readings, readings);
  });

  it('are asked for again while they are not there, for they may be missing for another reason', async () => {
    const { read, opened, marks } = disk({});
    marks.set('a', { mark: 'ENOENT', changedAtMs: 0 });
    const [first] = await read(60_000, 'a');
    assert.equal((await read(120_000, 'a'))[0], first);
    assert.deepEqual(opened, ['a', 'a']);
  });
});
