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

  const afterwards = (bounded: typeof engine) =>
    assert.deepEqual(bounded.render('{{ x }}', new Map([['x', '1']])), { ok: true, text: '1' });

  for (const [what, source] of [
    ['one long text', '{{ x * 2000000000 }}'],
    ['a text that doubles', '{% set n = namespace(a=x) %}{% for i in range(1000) %}{% set n.a = n.a ~ n.a %}{% endfor %}'],
    ['many long texts', '{% set a = x * 10000000 %}{% set b = a ~ a %}{{ b ~ b ~ b }}'],
  ] as const) {
    it(`ends a template that takes all memory: ${what}`, () => {
      for (let round = 0; round < 3; round += 1) {
        const result = render(source);
        assert.deepEqual([result.ok, !result.ok && result.kind], [false, 'engine ran out of memory']);
      }
      afterwards(engine);
    });
  }

  it('ends a template whose steps are long', async () => {
    const bounded = engine.within(300);
    const result = bounded.render('{% for i in range(90000) %}{% set a = (x * 4000000)|upper %}{% endfor %}', new Map([['x', 'y']]));
    assert.deepEqual([result.ok, !result.ok && result.kind], [false, 'engine ran out of time']);
    assert.equal(bounded.ranOut(), true);
    afterwards(engine);
  });

  for (const [what, source] of [
    ['sorts', '{{ range(99999)|list|unique|sort(reverse=true)|length }}'.repeat(100)],
    ['compares', `{% set l = range(99999)|list %}{% set m = range(99999)|list %}${'{{ l == m }}'.repeat(1_000)}`],
    ['searches', `{% set l = range(99999)|list %}${'{{ -1 in l }}'.repeat(1_000)}`],
  ] as const) {
    it(`ends a template that ${what} for too long without any loop`, () => {
      const bounded = engine.within(200);
      const result = bounded.render(source, new Map());
      assert.deepEqual([result.ok, !result.ok && result.kind, bounded.ranOut()], [false, 'engine ran out of time', true]);
    });
  }

  it('renders nothing more once the time of a file, or of all of them, is over', () => {
    const answer = engine.within(100);
    const slow = '{{ range(99999)|list|sort|length }}'.repeat(1_000);
    assert.equal(answer.within(50).render(slow, new Map()).ok, false);
    const [second, third] = [answer.within(10_000), answer.within(10_000)];
    second.render(slow, new Map());
    assert.deepEqual(third.render('{{ x }}', new Map([['x', '1']])), { ok: false, kind: 'engine has no time left', detail: '', line: 0 });
    assert.deepEqual([answer.ranOut(), third.ranOut()], [false, true]);
    afterwards(engine);
  });

  it('refuses more text than a configuration may have', () => {
    const result = render('{{ x * 1000001 }}');
    assert.deepEqual([result.ok, !result.ok && result.kind], [false, 'too much text']);
    assert.equal(render('{{ x * 1000000 }}').ok, true);
    afterwards(engine);
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
