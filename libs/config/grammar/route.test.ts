import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf } from './route.ts';

describe('the route of a service', () => {
  for (const [host, path, route] of [
    ['App.example.com', undefined, 'app.example.com/'],
    ['app', '', 'app/'],
    ['app', 'api', 'app/api'],
    ['app', '/api/', 'app/api'],
    ['app', '/api//', 'app/api'],
    ['app', '/API', 'app/API'],
  ] as const) {
    it(`of ${host} and ${path ?? 'no path'} is ${route}`, () => {
      assert.equal(routeOf({ proxy: { host, ...(path === undefined ? {} : { path }) } }), route);
    });
  }

  it('is none without [proxy]', () => assert.equal(routeOf({}), null));
});
