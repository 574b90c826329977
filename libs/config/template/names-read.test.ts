import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CodeToken, readCode } from './code-tokens.ts';
import { namesAssigned, namesRead, parametersOf } from './names-read.ts';

function tokensOf(code: string): readonly CodeToken[] {
  return readCode(`${code}%}`, { start: 0, closing: '%}' })?.tokens ?? [];
}

describe('names in code', () => {
  for (const [code, read] of [
    ['a.b|c(d, e=f) is g', ['a', 'd', 'f']],
    ['a is not defined and "b" not in c', ['a', 'c']],
    ['for a, b in c if a', ['a', 'b', 'c', 'a']],
    ['set a = b ~ a', ['b', 'a']],
    ['{"k": v}[i]', ['v', 'i']],
    ['a[b:c]', ['a', 'b', 'c']],
    ['x if y else none', ['x', 'y']],
  ] as const) {
    it(`read by ${code}`, () =>
      assert.deepEqual(
        namesRead(tokensOf(code)).map(({ text }) => text),
        read,
      ));
  }

  for (const [code, assigned] of [
    ['set a = b', ['a']],
    ['set a.b = c', ['a', 'b']],
    ['set a', ['a']],
    ['set (a, b) = c|split(":")', ['a', 'b']],
    ['set a, b = c', ['a', 'b']],
    ['for a, (b, c) in d', ['a', 'b', 'c']],
    ['with a = b, c = f(d=e)', ['a', 'b', 'c', 'f', 'd', 'e']],
    ['with (a, b) = c', ['a', 'b', 'c']],
    ['macro m(a, b=c)', ['m']],
    ['if a', []],
  ] as const) {
    it(`assigned by ${code}`, () => assert.deepEqual(namesAssigned(tokensOf(code)), assigned));
  }

  for (const [code, parameters] of [
    ['macro m(a, b=[c, d], e=f(g))', ['a', 'b', 'e']],
    ['macro m()', []],
    ['call(a, b) m(c)', ['a', 'b']],
    ['call m(c)', []],
    ['set a = f(b)', []],
  ] as const) {
    it(`that are parameters of ${code}`, () => assert.deepEqual(parametersOf(tokensOf(code)), parameters));
  }
});
