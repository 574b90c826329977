import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostOfAuthority, hostOfRoute } from './host-name.ts';

describe('hosts', () => {
  const authorities: readonly (readonly [authority: string, host: string | null])[] = [
    ['Web.Test', 'web.test'],
    ['web.test:8080', 'web.test'],
    ['web.test.:8080', 'web.test'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['[2001:DB8::1]:80', '[2001:db8::1]'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['[0:0::1]', '[::1]'],
    ['[::ffff:1.2.3.4]:80', '[::ffff:102:304]'],
    ['[1.2.3.4]', null],
    ['[::1::]', null],
    ['*', null],
    ['*:80', null],
    ['*.web.test', null],
    ['web.*.test', null],
    ['é.web.test', null],
    ['web..test', null],
    ['web.test..', null],
    ['.web.test', null],
    ['.', null],
    ['0x7f', '0x7f'],
    ['under_score.test', 'under_score.test'],
    ['', ''],
    ['2001:db8::1', null],
    ['web.test:port', null],
    ['web.test:123456', null],
    ['a@web.test', null],
    ['web.test/path', null],
    ['web.test, evil.test', null],
    ['web\\evil.test', null],
    [' web.test', null],
  ];
  for (const [authority, host] of authorities)
    it(`reads "${authority}" as ${host === null ? 'no authority' : `"${host}"`}`, () => assert.equal(hostOfAuthority(authority), host));

  it('declares hosts in the form that clients send', () => {
    assert.deepEqual(['Web.TEST', 'Bücher.test', '[::1]', 'localhost', '[0:0::1]', '0x7f', '*', '*.Web.test'].map(hostOfRoute), [
      'web.test',
      'xn--bcher-kva.test',
      '[::1]',
      'localhost',
      '[::1]',
      '0x7f',
      '*',
      '*.web.test',
    ]);
  });
});
