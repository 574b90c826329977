import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBreakingVariable } from './breaking-variable.ts';
import { parseTemplate } from './template.ts';

function find(source: string, values: Readonly<Record<string, string>>) {
  return findBreakingVariable(parseTemplate(source), new Map(Object.entries(values)));
}

describe('findBreakingVariable', () => {
  for (const value of ['c4nary"x', 'c4nary\\', 'c4nary\nx', '"', '"c4nary"']) {
    it(`points at the variable, and does not quote ${JSON.stringify(value)}`, () => {
      const found = find('a = "${fine}"\nb = "${broken}"\n', { fine: 'x', broken: value });
      assert.equal(found?.offset, 19);
      assert.match(found.message, /the value of variable "broken" .*'\$\{broken\}' or '''/);
      assert.ok(!found.message.includes('c4nary'));
    });
  }

  it('finds the one that breaks among several', () => {
    assert.match(find('a = "${x}${y}"', { x: 'plain', y: '"' })?.message ?? '', /variable "y"/);
  });

  it('blames no variable for what is wrong without it', () => {
    assert.equal(find('a = = "${x}"', { x: '"' }), null);
    assert.equal(find('a = "${x}" oops', { x: 'plain' }), null);
  });
});
