import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBlocks } from './block-tree.ts';
import { lexTemplate } from './lexer.ts';
import { rewrite, rewriteMarked } from './rewrite.ts';

function lexed(source: string) {
  const result = lexTemplate(source);
  assert.ok(result.ok);
  return result.template;
}

describe('rewrite', () => {
  it('uses the signs of the engine, and none of them by accident', () => {
    assert.equal(rewrite(lexed('a {{ b }} {${x}')).text, 'a {{"{"}}{ b }} {{"{"}}{{\nx\n}}');
    assert.equal(rewrite(lexed('{% raw %}{% {# ${{% endraw %}')).text, '{{"{"}}% {{"{"}}# ${{"{"}}');
    assert.equal(rewrite(lexed('{%- if x -%} a {%- endif %}')).text, '{%\n if x \n%}a{%\n endif \n%}');
  });

  it('knows the tag of a line', () => {
    const source = 'a\n${x}${y}\n\n{% if z %}${"\n\n"}{% endif %}';
    const template = lexed(source);
    const { text, tagAt } = rewrite(template);
    for (const code of ['x', 'y', 'if z', 'endif']) {
      const line = text.slice(0, text.search(new RegExp(`\n ?${code}`)) + 1).split('\n').length;
      const tag = tagAt(line);
      assert.ok(tag && tag.kind !== 'text');
      assert.equal(source.slice(tag.code.from, tag.code.to).trim(), code);
    }
  });

  it('puts marks around texts, expressions and the blocks that are told', () => {
    const template = lexed('t${x}{% filter f %}u${x}{% endfilter %}{% if x %}v{% endif %}{% set s %}w${x}{% endset %}');
    const marked = rewriteMarked(template, {
      tree: findBlocks(template),
      marks: { open: (segment) => `<${segment}`, close: (segment) => `${segment}>` },
      marked: new Set([0]),
    });
    assert.equal(
      marked.text.replaceAll('\n', ''),
      '<0t<1{{x}}1><2{% filter f %}u{{x}}{% endfilter %}2>{% if x %}<7v{% endif %}{% set s %}w{{x}}{% endset %}',
    );
  });
});
