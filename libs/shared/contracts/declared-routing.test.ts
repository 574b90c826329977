import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normaliseHost, normalisePath, routingOf } from './declared-routing.ts';

describe('routingOf', () => {
  it('is null without [proxy]', () => assert.equal(routingOf({}), null));

  it('gives the route as requests are compared with it', () => {
    const spec = { proxy: { host: 'App.Example.COM:8443', path: 'api/', service_port: 3000 } };
    assert.deepEqual(routingOf(spec), { routes: [{ host: 'app.example.com', path: '/api' }], port: 3000 });
  });

  it('gives a route for each of several hosts', () => {
    const spec = { proxy: { host: 'a.b', hosts: ['a.b', '*.A.b.', '*'], path: '/x', service_port: 3000 } };
    const hosts = ['a.b', '*.a.b', '*'];
    assert.deepEqual(routingOf(spec), { routes: hosts.map((host) => ({ host, path: '/x' })), port: 3000 });
  });

  it('are those that only redirect, beside those that they lead to', () => {
    const spec = { ruled_proxy: { host: 'A.b', redirect_from: ['WWW.a.b'], path: 'x', service_port: 3000 } };
    const routes = [
      { host: 'a.b', path: '/x' },
      { host: 'www.a.b', path: '/x', rules: { redirect: { to: 'a.b', permanent: true } } },
    ];
    assert.deepEqual(routingOf(spec), { routes, port: 3000 });
    const temporary = routingOf({ ruled_proxy: { ...spec.ruled_proxy, redirect: 'temporary' } });
    assert.deepEqual(temporary?.routes[1]?.rules, { redirect: { to: 'a.b', permanent: false } });
  });

  it('has the ports that the proxy takes, whose targets have the port of the first unless [proxy] says another', () => {
    const port = { host: 5432, container: 5433 };
    const ports = [
      { ...port, idle_timeout: '10m' },
      { host: 1, container: 2 },
    ];
    const told = [
      { ...port, idle_ms: 600_000 },
      { host: 1, container: 2, idle_ms: 3_600_000 },
    ];
    assert.deepEqual(routingOf({ proxied_port: ports }), { routes: [], port: 5433, ports: told });
    const both = routingOf({ proxied_port: ports, proxy: { host: 'a.b', service_port: 80 } });
    assert.deepEqual([both?.port, both?.ports, both?.routes.length], [80, told, 1]);
    assert.equal(routingOf({ proxied_port: [] }), null);
  });
});

describe('normaliseHost and normalisePath', () => {
  for (const [host, expected] of [
    ['A.B', 'a.b'],
    ['a.b:80', 'a.b'],
    ['a.b.', 'a.b'],
    [' a.b ', 'a.b'],
  ] as const) {
    it(`"${host}" becomes "${expected}"`, () => assert.equal(normaliseHost(host), expected));
  }
  for (const [path, expected] of [
    ['', '/'],
    ['/', '/'],
    ['api', '/api'],
    ['/api/', '/api'],
    ['/a/b/', '/a/b'],
    ['//', '/'],
    [`${'/'.repeat(200_000)}a`, `${'/'.repeat(200_000)}a`],
    [`a${'/'.repeat(200_000)}`, '/a'],
    ['//a//b//', '//a//b'],
  ] as const) {
    it(`"${path.slice(0, 20)}" becomes "${expected.slice(0, 20)}"`, () => assert.equal(normalisePath(path), expected));
  }
});
