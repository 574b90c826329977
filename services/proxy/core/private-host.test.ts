import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPrivateHost } from './private-host.ts';

describe('isPrivateHost', () => {
  for (const host of ['intranet', 'web.test', 'a.b.example', 'api.internal', 'box.local', 'nas.home.arpa', 'App.Localhost', 'web.test.'])
    it(`takes ${host} for one that no public DNS has`, () => assert.equal(isPrivateHost(host), true));

  for (const host of ['www.example.com', 'test.org', 'internal.example.net', 'mytest.dev', 'my.contest'])
    it(`leaves ${host} to the public DNS`, () => assert.equal(isPrivateHost(host), false));
});
