import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { askUntilComplete, inParts } from './renderer.ts';

describe('questions to the renderer', () => {
  it('are one for files that fit together', () => {
    assert.equal(
      inParts([
        { path: 'a', text: 'x'.repeat(90_000) },
        { path: 'b', text: 'x'.repeat(90_000) },
      ]).length,
      1,
    );
    assert.deepEqual(inParts([]), []);
  });

  it('hold every file once and in order, and are small or of a single file', () => {
    const file = fc.record({ path: fc.constantFrom('a', 'b'), text: fc.nat(300_000).map((length) => 'x'.repeat(length)) });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 6 }), (files) => {
        const parts = inParts(files);
        assert.deepEqual(parts.flat(), files);
        for (const part of parts) {
          assert.ok(part.length === 1 || part.reduce((sum, { path, text }) => sum + path.length + text.length, 0) <= 200_000);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('an answer that holds only a part', () => {
  /** As much of what is asked as fits into one answer. */
  const answering = (most: number) => {
    const asked: string[][] = [];
    const ask = async (paths: readonly string[]) => {
      asked.push([...paths]);
      return { variables: 'k:1', files: paths.slice(0, most).map((path) => ({ path, text: '', map: [], tainted: [] })), problems: [] };
    };
    return { asked, ask };
  };
  const missing = (path: string, { files }: { readonly files: readonly { readonly path: string }[] }) =>
    !files.some((file) => file.path === path);

  it('is followed by a question for the rest', async () => {
    const { asked, ask } = answering(2);
    const answers = await askUntilComplete({ wanted: ['a', 'b', 'c', 'd', 'e'], ask, missing });
    assert.deepEqual(
      answers.flatMap(({ files }) => files.map(({ path }) => path)),
      ['a', 'b', 'c', 'd', 'e'],
    );
    assert.deepEqual(asked, [['a', 'b', 'c', 'd', 'e'], ['c', 'd', 'e'], ['e']]);
  });

  it('is the last when it brings nothing', async () => {
    const { asked, ask } = answering(0);
    await askUntilComplete({ wanted: ['a', 'b'], ask, missing });
    assert.equal(asked.length, 1);
  });
});
