import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBlocks } from './block-tree.ts';
import { lexTemplate } from './lexer.ts';

function blocksOf(source: string) {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  return findBlocks(lexed.template);
}

describe('findBlocks', () => {
  it('nests blocks, and gives branches to the block they belong to', () => {
    const { blocks, enclosing } = blocksOf('{% if a %}{% for b in c %}x{% endfor %}{% elif d %}y{% else %}z{% endif %}w');
    assert.deepEqual(
      blocks.map(({ keyword, headers, closing, parent }) => [keyword, headers, closing, parent]),
      [
        ['if', [0, 4, 6], 8, null],
        ['for', [1], 3, 0],
      ],
    );
    assert.deepEqual(enclosing, [null, 0, 1, 0, 0, 0, 0, 0, null, null]);
  });

  it('knows the two forms of set', () => {
    assert.deepEqual(
      blocksOf('{% set a = 1 %}{% set b %}x{% endset %}{% set c | f(x=1) %}{% endset %}').blocks.map(({ headers }) => headers[0]),
      [1, 4],
    );
  });

  it('knows what is made into a value before it is printed', () => {
    const source =
      '{% set a %}{% endset %}{% macro m() %}{% endmacro %}{% filter upper %}{% endfilter %}{% call m() %}{% endcall %}{% block b %}{% endblock %}{% for a in b recursive %}{% endfor %}{% for a in b %}{% endfor %}{% if a %}{% endif %}';
    assert.deepEqual(
      blocksOf(source).blocks.map(({ captures }) => captures),
      ['kept', 'kept', 'printed', 'printed', 'printed', 'printed', null, null],
    );
  });

  it('leaves open what is never closed', () => assert.equal(blocksOf('{% if a %}').blocks[0]?.closing, null));
  it('leaves an end without a beginning to the engine', () => assert.deepEqual(blocksOf('{% endif %}').blocks, []));
});
