import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathInside, serviceFile, servicePath } from './service-path.ts';

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

  it('takes an absolute path as its user sees the folder, or as we do', () => {
    const within = { path: '/config', name: '/opt/dispenser' };
    for (const path of ['/opt/dispenser/web', '/opt/dispenser/x/../web/', '/config/web', 'web'])
      assert.deepEqual(servicePath(path, within), { ok: true, folder: 'web' });
    for (const path of ['/opt/other/web', '/opt/dispenser/../x', '/opt', '../web']) assert.equal(servicePath(path, within).ok, false);
    assert.equal(pathInside('/opt/dispenser', within), '');
  });

  it('names the file of a folder', () => {
    assert.equal(serviceFile('web'), 'web/service.toml');
    assert.equal(serviceFile('.'), 'service.toml');
  });
});
