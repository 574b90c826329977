import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rejected, withoutMain } from './verdict.ts';

const problem = (file: string, line: number) => ({ file, line, column: 1, message: 'x' });

describe('a verdict', () => {
  it('tells all problems and warnings in reading order', () => {
    const many = Array.from({ length: 150 }, (_, index) => problem('b', 150 - index));
    const verdict = rejected({ entry: 'kedge.toml', problems: [...many, problem('a', 1)], warnings: [problem('b', 2), problem('b', 1)] });
    assert.ok(verdict.kind === 'invalid');
    assert.deepEqual([verdict.problems.length, verdict.problems[0]?.file, verdict.problems[150]?.line], [151, 'a', 150]);
    assert.deepEqual(
      verdict.warnings.map(({ line }) => line),
      [1, 2],
    );
    assert.equal('envFiles' in verdict, false);
  });

  it('on a folder without a main file names the place, where there is one', () => {
    const at = { line: 3, column: 2 };
    const verdict = withoutMain({ kind: 'unreadable', file: 'staging.toml', reason: 'is no text', at });
    assert.deepEqual(verdict, {
      kind: 'invalid',
      reason: 'unreadable',
      entry: 'staging.toml',
      problems: [{ file: 'staging.toml', ...at, message: 'is no text' }],
      warnings: [],
    });
    assert.equal(withoutMain({ kind: 'ambiguous' }).kind, 'invalid');
  });
});
