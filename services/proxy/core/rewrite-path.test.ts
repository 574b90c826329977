import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { rewritePath } from './rewrite-path.ts';

describe('another beginning of a path', () => {
  for (const [target, from, to, expected] of [
    ['/api', '/api', '/', '/'],
    ['/api/', '/api', '/', '/'],
    ['/api/x?y=/api', '/api', '/', '/x?y=/api'],
    ['/api?x', '/api', '/', '/?x'],
    ['/api#x', '/api', '/', '/#x'],
    ['/api//evil.test/x', '/api', '/', '/evil.test/x'],
    ['/api///', '/api', '/', '/'],
    ['/api', '/api', '/v2', '/v2'],
    ['/api/x', '/api', '/v2/', '/v2/x'],
    ['/api?x', '/api', '/v2', '/v2?x'],
    ['/a/b/c', '/a/b', '/z', '/z/c'],
    ['/x', '/', '/v2', '/v2/x'],
    ['/', '/', '/v2', '/v2/'],
    ['//x', '/', '/v2', '/v2/x'],
    ['//x', '/', '/', '/x'],
    ['*', '/', '/v2', '*'],
  ] as const) {
    it(`${target} under ${from} becomes ${expected} under ${to}`, () => assert.equal(rewritePath(target, { from, to }), expected));
  }

  it('never looks like a host', () => {
    const part = fc.constantFrom('/', 'a', '.', '?', '%2f');
    const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom('/', '/v2', '/v2//'), (rest, to) => {
        assert.match(rewritePath(`/api/${rest}`, { from: '/api', to }), /^\/(?!\/)/);
      }),
    );
  });
});
