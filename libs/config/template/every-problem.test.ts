import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { lexTemplate } from './lexer.ts';
import { renderTemplate } from './render-template.ts';

const engine = await loadEngine();

function told(source: string, unresolved: readonly string[] = []): string[] {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  const values = new Map([['x', 'c4nary'], ...unresolved.map((name): [string, string] => [name, 'not-checked'])]);
  const variables = { values, secrets: new Set<string>(), unresolved: new Map(unresolved.map((name) => [name, null])) };
  const result = renderTemplate({ engine, template: lexed.template, variables });
  assert.ok(!result.ok);
  return result.problems.map(({ offset, message }) => `${offset} ${message}`);
}

const start = (problem: string) => problem.split(' ').slice(0, 4).join(' ');

describe('what is wrong with a template', () => {
  for (const [what, source, ...expected] of [
    [
      'of different kinds',
      '${x|int} ${z} ${x|fooo} ${ } ${y:-d}',
      '0 invalid operation: a',
      '11 variable "z" is',
      '18 there is no filter',
      '24 no expression stands',
      '29 cannot be understood:',
    ],
    [
      'in statements',
      '{% if q %}${z}{% endif %}{% set a = x|int %}${w}',
      '6 variable "q" is',
      '12 variable "z" is',
      '25 invalid operation: a',
      '46 variable "w" is',
    ],
    ['in a statement that is none', '{% fi x %}${z}{% endif %}${w}', '3 there is no statement'],
    ['in a statement that cannot be understood', '${x|fooo}{% if x = %}${z}{% endif %}${w}', '9 cannot be understood'],
    ['in what other templates would hold', '{% include "a" %}${z}', '0 no other template', '19 variable "z" is'],
    ['in a filter of a block', '{% filter nope %}${z}{% endfilter %}', '10 there is no', '19 variable "z" is'],
  ] as const) {
    it(`is told together: ${what}`, () => {
      const problems = told(source);
      assert.equal(problems.length, expected.length, problems.join('\n'));
      for (const [index, each] of expected.entries()) assert.ok(problems[index]?.startsWith(each), problems.join('\n'));
      assert.ok(!problems.join('').includes('c4nary'));
    });
  }

  for (const [what, source, expected] of [
    ['a name that nobody defines', '${z} ${z|int + 1} ${z.a.b}', ['2 variable "z" is']],
    ['a variable that could not be made', '{% set a = x|int %}${a|dictsort} ${ a() }', ['0 invalid operation: a']],
    ['a condition that could not be asked', '{% if z %}${ z|dictsort }{% endif %}', ['6 variable "z" is']],
  ] as const) {
    it(`is not told of what fails because of ${what}`, () => assert.deepEqual(told(source).map(start), expected));
  }

  it('is not told of what fails because nobody asked for a value', () => {
    assert.deepEqual(told('${z} ${k|int}', ['k']).map(start), ['2 variable "z" is']);
  });

  it('is told in hundreds', () => {
    const problems = told(Array.from({ length: 61 }, (_, index) => `\${y${index}}`).join(' '));
    assert.equal(problems.length, 61);
  });

  it('is told with a word where there may be more', () => {
    const problems = told(`${Array.from({ length: 600 }, (_, index) => `\${y${index}}`).join(' ')}`);
    assert.equal(problems.length, 501);
    assert.match(problems.at(-1) ?? '', /there may be more from here on; mend the others first$/);
  });
});
