import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isBrief } from './brief-template.ts';

describe('a template that cannot take long', () => {
  for (const code of ['name', ' name | default("a") ', ' a == "b" and not c ', '"a" if b is defined else \'c\' ']) {
    it(`prints ${code}`, () => assert.equal(isBrief(`a {{\n${code}\n}} b {%\nif ${code}\n%}`), true));
  }
  for (const code of [
    'range(9)',
    'name|list',
    'a ~ b',
    'a * 9',
    '[a]',
    '{}',
    'a|default(b)',
    'a|d("\\"")',
    '"}} {{ range(9)"|list',
    'a.b',
  ]) {
    it(`does not print ${code}`, () => assert.equal(isBrief(`{{\n${code}\n}}`), false));
  }
  for (const code of ['for a in b', 'set a = "b"', 'macro a', 'filter upper', 'include "a"']) {
    it(`does not say ${code}`, () => assert.equal(isBrief(`{%\n${code}\n%}`), false));
  }
  it('has its signs in lines of their own', () => {
    assert.equal(isBrief('{{ name }}'), false);
    assert.equal(isBrief('{{\n"}}\n}}" ~ range(9)\n}}'), false);
  });
});
