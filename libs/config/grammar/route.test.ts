import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routesOf } from './route.ts';

describe('the routes of a service', () => {
  for (const [proxy, routes] of [
    [{ host: 'App.example.com' }, ['app.example.com/']],
    [{ host: 'app', path: '' }, ['app/']],
    [{ host: 'app', path: 'api' }, ['app/api']],
    [{ host: 'app', path: '/api/' }, ['app/api']],
    [{ host: 'app', path: '/api//' }, ['app/api']],
    [{ host: 'app', path: '/API' }, ['app/API']],
    [{ hosts: ['App', '*.Example.com', '*'], path: '/api' }, ['app/api', '*.example.com/api', '*/api']],
    [{ host: 'app', hosts: ['app', 'b'] }, ['app/', 'b/']],
    [{ host: 'a', redirect_from: ['www.A'], path: 'x' }, ['a/x', 'www.a/x']],
    [{ path: '/api' }, []],
  ] as const) {
    it(`of ${JSON.stringify(proxy)} are ${routes.join(' and ') || 'none'}`, () => assert.deepEqual(routesOf({ proxy }), routes));
  }

  it('are none without [proxy]', () => assert.deepEqual(routesOf({}), []));
});
