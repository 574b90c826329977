import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { lexTemplate } from './lexer.ts';
import { renderTemplate } from './render-template.ts';

const engine = await loadEngine();

describe('a statement that closes or parts a block, and stands where none does', () => {
  for (const [source, offset, said] of [
    ['a\n{% endif %}', 2, '{% endif %} closes nothing: no {% if … %} is open before it'],
    ['{% if 1 %}{% endif %}{% endfor %}', 21, '{% endfor %} closes nothing: no {% for … %} is open before it'],
    ['{% set a = 1 %}{% endset %}', 15, '{% endset %} closes nothing: no {% set … %} is open before it'],
    ['{% endraw %}', 0, '{% endraw %} closes nothing: no {% raw %} stands before it'],
    [
      '\n{% for a in [1] %}\n{% endif %}{% endfor %}',
      20,
      '{% endif %} stands where {% endfor %} was expected, for the {% for … %} in line 2 is still open',
    ],
    ['{% else %}', 0, '{% else %} belongs to nothing: no {% if … %} or {% for … %} is open before it'],
    ['{% elif 1 %}', 0, '{% elif %} belongs to nothing: no {% if … %} is open before it'],
    [
      '{% for a in [1] %}{% elif 1 %}{% endfor %}',
      18,
      '{% elif %} belongs to nothing: no {% if … %} is open before it, but a {% for … %}, which ends in {% endfor %}',
    ],
    ['{% if 1 %}{% else if 2 %}{% endif %}', 10, '{% else if … %} is written {% elif … %}'],
    ['{% if 1 %}{%- else if -%}{% endif %}', 10, '{% else if … %} is written {% elif … %}'],
    ['{% for a in [1] %}{% else if a %}{% endfor %}', 18, '{% else %} has nothing behind it; take out what stands there'],
    ['{% if 1 %}{% else x %}{% endif %}', 10, '{% else %} has nothing behind it; take out what stands there'],
    ['{% if 1 %}{% else %}{% else %}{% endif %}', 20, '{% else %} comes too late: the {% else %} of its {% if … %} was there before'],
  ] as const) {
    it(`is told with what is missing: ${JSON.stringify(source)}`, () => {
      const lexed = lexTemplate(source);
      assert.ok(lexed.ok);
      const result = renderTemplate({ engine, template: lexed.template, variables: { values: new Map(), secrets: new Set() } });
      assert.ok(!result.ok);
      assert.deepEqual(
        result.problems.map((problem) => [problem.offset, problem.message]),
        [[offset, said]],
      );
    });
  }
});
