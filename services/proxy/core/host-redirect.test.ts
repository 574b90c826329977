import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostRedirect } from './host-redirect.ts';

const get = { method: 'GET', authority: 'www.web.test', path: '/a?b', protocol: 'http' };
const permanent = { to: 'web.test', permanent: true };

describe('a redirect to another host', () => {
  for (const [what, asked, rule, status, address] of [
    ['for ever', get, permanent, 301, 'http://web.test/a?b'],
    ['for now', get, { to: 'web.test', permanent: false }, 302, 'http://web.test/a?b'],
    ['by HTTPS', { ...get, protocol: 'https' }, permanent, 301, 'https://web.test/a?b'],
    ['at the port that was asked', { ...get, authority: 'www.web.test:8080' }, permanent, 301, 'http://web.test:8080/a?b'],
    ['of an IPv6 address', { ...get, authority: '[::1]:81' }, { to: '[::2]', permanent: true }, 301, 'http://[::2]:81/a?b'],
    ['of one without a port', { ...get, authority: '[::1]' }, { to: '[::2]', permanent: true }, 301, 'http://[::2]/a?b'],
    ['of a HEAD', { ...get, method: 'HEAD' }, permanent, 301, 'http://web.test/a?b'],
    ['of a POST, which stays one', { ...get, method: 'POST' }, permanent, 308, 'http://web.test/a?b'],
    ['of a POST for now', { ...get, method: 'POST' }, { to: 'web.test', permanent: false }, 307, 'http://web.test/a?b'],
    ['of a path that looks like a host', { ...get, path: '//evil.test/x' }, permanent, 301, 'http://web.test//evil.test/x'],
    ['of OPTIONS *', { ...get, method: 'OPTIONS', path: '*' }, permanent, 308, 'http://web.test/'],
  ] as const) {
    it(what, () => {
      const answer = hostRedirect(asked, rule);
      assert.deepEqual([answer.status, answer.headers.slice(-2)], [status, ['Location', address]]);
      assert.ok(answer.headers.includes(String(answer.body.length)));
    });
  }
});
