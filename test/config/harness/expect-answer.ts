import assert from 'node:assert/strict';
import type { Verdict } from '@kedge/config';
import type { Files } from './examples.ts';

/** Either it is valid, or everything that is wrong has a place in a file that is there. */
export function expectAnswer(verdict: Verdict, files: Files): void {
  assert.ok(verdict.kind === 'valid' || verdict.kind === 'invalid', JSON.stringify(verdict));
  if (verdict.kind === 'valid') return;
  assert.ok(verdict.problems.length > 0);
  for (const problem of verdict.problems) {
    const { file, line, column, message } = problem;
    const lines = (files[file] ?? '').split('\n');
    assert.ok(file in files, `${file} is not there: ${JSON.stringify(problem)}`);
    assert.ok(line >= 1 && line <= lines.length, JSON.stringify(problem));
    assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, JSON.stringify(problem));
    assert.ok(message.length > 5 && !/undefined|\[object|Invalid input/.test(message), message);
  }
}
