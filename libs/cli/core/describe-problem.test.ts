import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeAt } from '@kedge/config';
import { countProblems, describeProblem } from './describe-problem.ts';

const place = { file: 'web/service.toml', line: 4, column: 3 };

describe('describeProblem', () => {
  it('shows place, line, caret and the nearest key', () => {
    const lines = describeProblem({
      ...place,
      key: 'service.restrat',
      message: 'unknown key "restrat"',
      nearest: 'restart',
      excerpt: '  restrat = "no"',
    });
    assert.deepEqual(lines, [
      'web/service.toml:4:3: unknown key "restrat" (service.restrat)',
      '    restrat = "no"',
      '    ^',
      '  did you mean "restart"?',
    ]);
  });

  it('puts the caret below its column where there are tabs', () => {
    assert.deepEqual(describeProblem({ ...place, message: 'no', excerpt: '\t x' }).slice(1), ['  \t x', '  \t ^']);
  });

  it('puts the caret below its place also where a long line was cut', () => {
    for (const at of [0, 1, 100, 239, 240, 241, 500, 999]) {
      const text = `${'x'.repeat(at)}!${'x'.repeat(999 - at)}`;
      const [, line = '', caret = ''] = describeProblem({ ...place, message: 'no', ...placeAt(text, at) });
      assert.equal(caret.indexOf('^'), line.indexOf('!'), String(at));
    }
    // A line may begin so by itself.
    assert.equal(describeProblem({ ...place, message: 'no', excerpt: '… x' })[2], '    ^');
  });

  it('does not repeat a key that the message names', () => {
    assert.deepEqual(describeProblem({ ...place, key: 'service.name', message: 'service.name is missing' }), [
      'web/service.toml:4:3: service.name is missing',
    ]);
  });
});

describe('countProblems', () => {
  it('counts problems and the files that hold them', () => {
    const problem = { ...place, message: 'no' };
    assert.equal(countProblems([problem]), '1 problem in 1 file.');
    assert.equal(countProblems([problem, problem, { ...problem, file: 'kedge.toml' }]), '3 problems in 2 files.');
  });
});
