import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTemplate, renderTemplate, sourceOffset, undefinedVariables, unsupportedParts, variableUses } from './template.ts';

const values = new Map([
  ['tag', '1.2'],
  ['empty', ''],
  ['_x9', 'a"b'],
]);

describe('renderTemplate', () => {
  const cases: readonly (readonly [template: string, text: string])[] = [
    ['image = "app:${tag}"', 'image = "app:1.2"'],
    ['${ tag }|${\ttag\n}', '1.2|1.2'],
    ['${tag}${tag}', '1.21.2'],
    ['${empty}', ''],
    ['${_x9}', 'a"b'],
    ['a $tag $ { } $$ {x} }', 'a $tag $ { } $$ {x} }'],
    ['$${tag}', '$1.2'],
    ['line\n', 'line\n'],
    ['', ''],
  ];
  for (const [template, text] of cases) {
    it(`renders ${JSON.stringify(template)}`, () => {
      const parsed = parseTemplate(template);
      assert.deepEqual(unsupportedParts(parsed), []);
      assert.deepEqual(undefinedVariables(parsed, values.keys()), []);
      assert.equal(renderTemplate(parsed, values).text, text);
    });
  }

  it('puts a value in raw, even when it looks like a template', () => {
    assert.equal(renderTemplate(parseTemplate('${a}'), new Map([['a', '${a}{% x %}']])).text, '${a}{% x %}');
  });

  it('gives one pair at 0 and one at each boundary of a substitution', () => {
    assert.deepEqual(renderTemplate(parseTemplate('ab${tag}cd${empty}e'), values).map, [
      [0, 0],
      [2, 2],
      [5, 8],
      [7, 10],
      [7, 18],
    ]);
    assert.deepEqual(renderTemplate(parseTemplate('${tag}'), values).map, [
      [0, 0],
      [3, 6],
    ]);
  });
});

describe('unsupportedParts', () => {
  const cases: readonly (readonly [template: string, offset: number])[] = [
    ['a ${tag|default("x")}', 2],
    ['${}', 0],
    ['${tag:-d}', 0],
    ['${- tag -}', 0],
    ['${a.b}', 0],
    ['${1a}', 0],
    ['x {% if a %}', 2],
    ['{# note #}', 0],
    ['ok ${tag', 3],
    ['{% raw', 0],
  ];
  for (const [template, offset] of cases) {
    it(`points at ${JSON.stringify(template)} and leaves it in`, () => {
      const parsed = parseTemplate(template);
      const problems = unsupportedParts(parsed);
      assert.deepEqual(
        problems.map((problem) => problem.offset),
        [offset],
      );
      assert.match(problems[0]?.message ?? '', /only plain variables such as \$\{name\}/);
      assert.equal(renderTemplate(parsed, values).text, template);
    });
  }

  it('does not quote what stands inside', () => {
    const [problem] = unsupportedParts(parseTemplate('${x|default("c4nary")}'));
    assert.ok(problem);
    assert.ok(!JSON.stringify(problem).includes('c4nary'));
  });

  it('finds every one of them', () => {
    assert.deepEqual(
      unsupportedParts(parseTemplate('{# a #}\n${b c}\n${tag}\n{% d %}')).map(({ offset }) => offset),
      [0, 8, 22],
    );
  });
});

describe('undefinedVariables', () => {
  it('names each use with the nearest known variable', () => {
    assert.deepEqual(undefinedVariables(parseTemplate('${tga} ${tag} ${zzzzzz}'), values.keys()), [
      { offset: 0, message: 'variable "tga" is not defined; add it to dispenser.vars', nearest: 'tag' },
      { offset: 14, message: 'variable "zzzzzz" is not defined; add it to dispenser.vars' },
    ]);
  });
});

describe('variableUses', () => {
  it('gives the first place of each variable', () => {
    assert.deepEqual(
      [...variableUses(parseTemplate('${b} ${a} ${b}'))],
      [
        ['b', 0],
        ['a', 5],
      ],
    );
  });
});

describe('the offset map', () => {
  const piece = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text: fc.stringMatching(/^[a-z$ \n"=]{1,8}$/) }),
    fc.record({ kind: fc.constant('variable' as const), name: fc.constantFrom('a', 'bb', 'ccc'), blanks: fc.constantFrom('', ' ') }),
  );
  const givenValues = fc.record({ a: fc.string(), bb: fc.string(), ccc: fc.string() });

  it('leads every character that is no substitution back to itself', () => {
    fc.assert(
      fc.property(fc.array(piece), givenValues, (pieces, given) => {
        const known = new Map(Object.entries(given));
        let source = '';
        const fromText: { readonly source: number; readonly rendered: number }[] = [];
        let rendered = 0;
        for (const each of pieces) {
          if (each.kind === 'variable') {
            rendered += (known.get(each.name) ?? '').length;
            source += `\${${each.blanks}${each.name}${each.blanks}}`;
            continue;
          }
          // A text that ends in "$" followed by a variable is still text and a variable.
          for (let index = 0; index < each.text.length; index += 1)
            fromText.push({ source: source.length + index, rendered: rendered + index });
          rendered += each.text.length;
          source += each.text;
        }
        const result = renderTemplate(parseTemplate(source), known);
        for (const character of fromText) {
          assert.equal(sourceOffset(result.map, character.rendered), character.source);
          assert.equal(result.text[character.rendered], source[character.source]);
        }
      }),
    );
  });

  it('leads a place within a substitution to its start', () => {
    const { map } = renderTemplate(parseTemplate('ab${tag}cd'), values);
    assert.deepEqual(
      [2, 3, 4].map((offset) => sourceOffset(map, offset)),
      [2, 2, 2],
    );
    assert.equal(sourceOffset(map, 5), 8);
  });

  it('is sorted and starts at 0', () => {
    fc.assert(
      fc.property(fc.array(piece), givenValues, (pieces, given) => {
        const source = pieces.map((each) => (each.kind === 'text' ? each.text : `\${${each.name}}`)).join('');
        const { map } = renderTemplate(parseTemplate(source), new Map(Object.entries(given)));
        assert.deepEqual(map[0], [0, 0]);
        for (const [index, pair] of map.entries()) {
          const before = map[index - 1];
          if (before) assert.ok(pair[0] >= before[0] && pair[1] > before[1]);
        }
      }),
    );
  });
});
