import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EndpointsEntry, routingOf, splitRoutes } from '@kedge/shared/contracts';
import { target } from '../testing/observed.ts';
import { sameTable, tableOf } from './endpoints.ts';

describe('ports that the proxy takes', () => {
  const inTable = { host: 5432, container: 5433, idle_ms: 3_600_000 };

  it('make two tables differ, whatever their order', () => {
    const table = { routes: [], targets: [], hold: false };
    const other = { ...inTable, host: 1 };
    assert.equal(sameTable(table, { ...table, ports: [] }), true);
    assert.equal(sameTable({ ...table, ports: [inTable, other] }, { ...table, ports: [other, inTable] }), true);
    assert.equal(sameTable({ ...table, ports: [inTable] }, { ...table, ports: [{ ...inTable, idle_ms: 1 }] }), false);
    assert.equal(sameTable({ ...table, ports: [inTable] }, table), false);
  });
});

describe('routes with rules', () => {
  it('stand apart in an entry, and are the same table again', () => {
    const routes = routingOf({ ruled_proxy: { host: 'a.b', redirect_from: ['c'], service_port: 1 } })?.routes ?? [];
    const split = splitRoutes(routes);
    assert.deepEqual(split.routes, [{ host: 'a.b', path: '/' }]);
    const entry = EndpointsEntry.parse({ node: 'local', service: 'web', ...split, targets: [] });
    assert.ok(sameTable(tableOf(entry), { routes: routes.toReversed(), targets: [], hold: false }));
  });
});

describe('sameTable', () => {
  const table = { routes: [{ host: 'a', path: '/' }], targets: [target('c1'), target('c2')], hold: false };
  it('does not care for the order of targets', () => assert.ok(sameTable(table, { ...table, targets: table.targets.toReversed() })));
  it('sees another state, host or hold', () => {
    assert.ok(!sameTable(table, { ...table, targets: [target('c1'), target('c2', { state: 'draining' })] }));
    assert.ok(!sameTable(table, { ...table, routes: [{ host: 'b', path: '/' }] }));
    assert.ok(!sameTable(table, { ...table, routes: [{ host: 'a', path: '/', rules: {} }] }));
    assert.ok(!sameTable(table, { ...table, hold: true }));
  });
  it('takes a missing entry for an empty table', () => assert.deepEqual(tableOf(null), { routes: [], targets: [], hold: false }));
});
