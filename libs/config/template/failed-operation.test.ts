import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { explainOperation } from './failed-operation.ts';

const engine = await loadEngine();

describe('an operation that fails', () => {
  for (const [code, told] of [
    ['x|int', /no number stands where a number is made/],
    ['x|dictsort', /a mapping such as/],
    ['x|items', /a mapping such as/],
    ['dict(x)', /not possible with a text/],
    ['-x', /not possible with a text/],
    ['namespace(x)', /named arguments were expected/],
    ['10 ** 100000', /no result/],
    ['4711 // 0', /no result/],
    ['(x|split("a"))|length', /put \| list before it/],
    ['x|round', /only a number can be rounded/],
    ['x|abs', /absolute value/],
    ['x|sum', /^can only sum numbers, got string$/],
    ['x + 1', /^tried to use \+ operator on unsupported types string and number$/],
    ['range(x)', /^cannot convert string to isize$/],
  ] as const) {
    it(`says what was expected in ${code}`, () => {
      const result = engine.render(`{{\n${code}\n}}`, new Map([['x', 'c4nary']]));
      assert.ok(!result.ok && result.kind === 'invalid operation');
      const said = explainOperation(result.detail) ?? '';
      assert.match(said, told);
      assert.ok(!/c4nary|4711/.test(said));
    });
  }

  it('says nothing of what it does not know', () => assert.equal(explainOperation('c4nary 4711'), null));
});
