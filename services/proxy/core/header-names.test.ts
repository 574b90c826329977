import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isForbiddenTrailer, specialName } from './header-names.ts';

describe('the name of a header', () => {
  for (const name of ['Host', 'TE', 'Content-Length', 'transfer-encoding', 'CONNECTION', 'X-Forwarded-For', 'Proxy-Connection']) {
    it(`${name} is special, however it is written`, () => {
      assert.equal(specialName(name), name.toLowerCase());
      assert.equal(specialName(name.toUpperCase()), name.toLowerCase());
      assert.equal(isForbiddenTrailer(name), true);
    });
  }

  for (const name of ['X_Forwarded_For', 'x_real_ip', 'X-Forwarded_Proto']) {
    it(`${name} is what a CGI-like server would take it for`, () =>
      assert.equal(specialName(name), name.toLowerCase().replaceAll('_', '-')));
  }

  for (const name of ['', 'Date', 'Hosts', 'X-Host', 'Content_Length', 'X-Forwarded-Fox', 'Cookie']) {
    it(`"${name}" is of no interest`, () => assert.equal(specialName(name), null));
  }

  it('is special only when it is one of the names', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (name) => {
        const special = specialName(name);
        assert.ok(special === null || special === name.toLowerCase().replaceAll('_', '-'));
      }),
    );
  });
});
