import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFailure, placeholdersFor } from './failure.ts';
import { lexTemplate } from './lexer.ts';

function lexed(source: string) {
  const result = lexTemplate(source);
  assert.ok(result.ok);
  return result.template;
}

const known = ['host', 'port'];

describe('describeFailure', () => {
  it('never passes on what the engine quotes, for a value may be in it', () => {
    const template = lexed('a ${ x }');
    const [, tag = null] = template.segments;
    for (const [kind, detail] of [
      ['invalid operation', 'unable to calculate 4711 // 0'],
      ['invalid operation', 'c4nary 4711'],
      ['template not found', 'tried to include non-existing template "4711"'],
      ['unknown filter', 'filter 4711 is unknown'],
      ['unknown test', 'test 4711 is unknown'],
      ['unknown function', '4711 is unknown'],
      ['unknown method', 'string has no method named 4711'],
      ['syntax error', 'unexpected `4711`, expected end of variable block'],
      ['syntax error', 'unknown statement 4711'],
      ['cannot be rendered', '4711'],
    ] as const) {
      const problem = describeFailure({ template, tag, failure: { ok: false, kind, detail, line: 2 }, known });
      assert.equal(problem.offset, 2);
      assert.ok(!problem.message.includes('4711'), problem.message);
    }
  });

  for (const [source, kind, said, nearest] of [
    ['${ x | upper | uper }', 'unknown filter', '15 there is no filter called "uper"', 'upper'],
    ['${ x | random }', 'unknown filter', '7 there is no filter called "random"', undefined],
    ['{% filter uper %}', 'unknown filter', '10 there is no filter called "uper"', 'upper'],
    ['${ range(2) ~ rnage(3) }', 'unknown function', '14 there is no function called "rnage"', 'range'],
    ['${ hots() }', 'unknown function', '3 there is no function called "hots"', 'host'],
    ['${ x is not defnd }', 'unknown test', '12 there is no test called "defnd"', 'defined'],
    ['{% fro x %}', 'syntax error', '3 there is no statement called "fro"', 'for'],
  ] as const) {
    it(`tells the word that is none, and the nearest that is one, in ${source}`, () => {
      const template = lexed(source);
      const failure = { ok: false, kind, detail: 'unknown statement', line: 2 } as const;
      const problem = describeFailure({ template, tag: template.segments[0] ?? null, failure, known });
      assert.deepEqual([`${problem.offset} ${problem.message}`, problem.nearest], [said, nearest]);
    });
  }
});

describe('a default as Compose writes it', () => {
  for (const code of ['X-d', 'port-80']) {
    it(`is told how to write, in ${code}`, () => {
      const template = lexed(`\${${code}}`);
      const detail = 'tried to use - operator on unsupported types undefined and undefined';
      const failed = {
        template,
        tag: template.segments[0] ?? null,
        failure: { ok: false, kind: 'invalid operation', detail, line: 2 },
        known,
      } as const;
      assert.match(
        describeFailure(failed).message,
        /^invalid operation: what is calculated with is not defined; a default is written \$\{ name \| default/,
      );
      assert.deepEqual(placeholdersFor({ ...failed, given: new Map() }), []);
    });
  }

  it('is none where names are calculated with: what is not defined is told', () => {
    const template = lexed('${ hosts + 1 }');
    const detail = 'tried to use + operator on unsupported types undefined and number';
    const failed = {
      template,
      tag: template.segments[0] ?? null,
      failure: { ok: false, kind: 'invalid operation', detail, line: 2 },
      known,
    } as const;
    assert.deepEqual(
      placeholdersFor({ ...failed, given: new Map() }).map(({ missing }) => missing),
      ['hosts'],
    );
  });
});

describe('placeholdersFor', () => {
  it('names what nobody defines in a tag, but not what is asked for or given a default', () => {
    const template = lexed('${ hots ~ port ~ (m is not defined) ~ n | default("x") ~ range(2) ~ o.p }{% set o = 1 %}');
    const failure = { ok: false, kind: 'undefined value', detail: '', line: 2 } as const;
    const missing = placeholdersFor({ template, tag: template.segments[0] ?? null, failure, known, given: new Map([['port', '1']]) });
    assert.deepEqual(
      missing.map(({ missing: name, offset, nearest }) => [name, offset, nearest]),
      [['hots', 3, 'host']],
    );
  });

  it('has nothing to say of other failures', () => {
    const template = lexed('${ x }');
    const failure = { ok: false, kind: 'invalid operation', detail: '', line: 2 } as const;
    assert.deepEqual(placeholdersFor({ template, tag: template.segments[0] ?? null, failure, known, given: new Map([['x', '1']]) }), []);
  });

  for (const source of ['${ missng * n }', '${ -missng }', '${ missng | round }', '${ range(missng) }']) {
    it(`tells the name that is not defined, whatever is done with it: ${source}`, () => {
      const template = lexed(source);
      const failure = { ok: false, kind: 'invalid operation', detail: '', line: 2 } as const;
      const given = new Map([['n', '1']]);
      const found = placeholdersFor({ template, tag: template.segments[0] ?? null, failure, known, given });
      assert.deepEqual(
        found.map(({ missing }) => missing),
        ['missng'],
      );
    });
  }
});
