import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceFile, servicePath } from './service-path.ts';

describe('the path of a service', () => {
  for (const [path, folder] of [
    ['web', 'web'],
    ['./web/', 'web'],
    ['a/../web', 'web'],
    ['.', '.'],
    ['/config/web', 'web'],
    ['..web', '..web'],
  ] as const) {
    it(`reads ${path} as ${folder}`, () =>
      assert.deepEqual(servicePath(path, { path: '/config', name: './deploy' }), { ok: true, folder }));
  }

  for (const path of ['..', '../web', '/etc', '/configuration', 'web/../../x']) {
    it(`refuses ${path}`, () => {
      const place = servicePath(path, { path: '/config', name: './deploy' });
      assert.match(place.ok ? '' : place.message, /outside of the configuration folder \(\.\/deploy\)/);
    });
  }

  it('names the file of a folder', () => {
    assert.equal(serviceFile('web'), 'web/service.toml');
    assert.equal(serviceFile('.'), 'service.toml');
  });
});
