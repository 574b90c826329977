import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cookieOf, setCookie } from './sticky-cookie.ts';

describe('the cookie of a client', () => {
  it('travels by HTTPS alone once it came by it', () => {
    assert.equal(setCookie('a', 'b', true), 'a=b; Path=/; HttpOnly; SameSite=Lax; Secure');
    assert.equal(setCookie('a', 'b', false), 'a=b; Path=/; HttpOnly; SameSite=Lax');
  });

  it('is called after its service, which cannot be read from it', () => {
    assert.match(cookieOf('web'), /^kedge-[\w-]{8}$/);
    assert.notEqual(cookieOf('web'), cookieOf('api'));
    assert.doesNotMatch(cookieOf('web'), /web/);
  });
});
