import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';

const engine = await loadEngine();
const render = (text: string) => engine.render(text, new Map([['x', '1']]));

describe('the template engine', () => {
  it('is strict, does not escape, and keeps the last line break', () => {
    assert.deepEqual(engine.render('{{ h }}\n', new Map([['h', '<&>']])), { ok: true, text: '<&>\n' });
    assert.deepEqual(render('a\n{{ m }}'), { ok: false, kind: 'undefined value', detail: '', line: 2 });
  });

  it('tells kind, detail and line of what failed', () => {
    assert.deepEqual(render('{% nope %}'), { ok: false, kind: 'syntax error', detail: 'unknown statement nope', line: 1 });
    assert.deepEqual(render('\n{{ x | nope }}'), { ok: false, kind: 'unknown filter', detail: 'filter nope is unknown', line: 2 });
    assert.deepEqual(render('{{ -x }}'), { ok: false, kind: 'invalid operation', detail: '', line: 1 });
  });

  it('ends a template that loops', () => {
    const result = render('{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}');
    assert.deepEqual([result.ok, !result.ok && result.kind], [false, 'engine ran out of fuel']);
  });

  it('has its whole fuel for every template', () => {
    const loop = '{% for i in range(90000) %}{% endfor %}';
    for (let round = 0; round < 5; round += 1) assert.equal(render(loop).ok, true);
  });

  it('reaches no other template and nothing of the host', () => {
    for (const code of ['{% include "a" %}', '{% import "/etc/passwd" as a %}', '{% extends "a" %}']) {
      const result = render(code);
      assert.deepEqual([result.ok, !result.ok && result.kind], [false, 'template not found']);
    }
    for (const name of ['process', 'require', 'globalThis', 'constructor', '__proto__', 'env'])
      assert.equal(render(`{{ ${name} }}`).ok, false);
    assert.equal(render('{{ x.constructor.constructor("return 1")() }}').ok, false);
  });
});
