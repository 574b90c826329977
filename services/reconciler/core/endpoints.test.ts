import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared, target } from '../testing/observed.ts';
import { normaliseHost, normalisePath, routingOf, sameTable, tableOf } from './endpoints.ts';

describe('routingOf', () => {
  it('is null without [proxy]', () => assert.equal(routingOf(declared()), null));

  it('gives the route as requests are compared with it', () => {
    const spec = declared({ proxy: { host: 'App.Example.COM:8443', path: 'api/', service_port: 3000 } });
    assert.deepEqual(routingOf(spec), { routes: [{ host: 'app.example.com', path: '/api' }], port: 3000 });
  });

  it('gives a route for each of several hosts', () => {
    const spec = declared({ proxy: { host: 'a.b', hosts: ['a.b', '*.A.b.', '*'], path: '/x', service_port: 3000 } });
    const hosts = ['a.b', '*.a.b', '*'];
    assert.deepEqual(routingOf(spec), { routes: hosts.map((host) => ({ host, path: '/x' })), port: 3000 });
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
    ['//a//b//', '//a//b'],
  ] as const) {
    it(`"${path}" becomes "${expected}"`, () => assert.equal(normalisePath(path), expected));
  }
});

describe('sameTable', () => {
  const table = { routes: [{ host: 'a', path: '/' }], targets: [target('c1'), target('c2')], hold: false };
  it('does not care for the order of targets', () => assert.ok(sameTable(table, { ...table, targets: table.targets.toReversed() })));
  it('sees another state, host or hold', () => {
    assert.ok(!sameTable(table, { ...table, targets: [target('c1'), target('c2', { state: 'draining' })] }));
    assert.ok(!sameTable(table, { ...table, routes: [{ host: 'b', path: '/' }] }));
    assert.ok(!sameTable(table, { ...table, hold: true }));
  });
  it('takes a missing entry for an empty table', () => assert.deepEqual(tableOf(null), { routes: [], targets: [], hold: false }));
});
