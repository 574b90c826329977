import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpoints, knownEndpoints } from '../testing/endpoints.ts';
import { buildRouteTable } from './route-table.ts';

const port = { host: 5432, container: 5432, idle_ms: 1_000 };

function entry(service: string, ports: Parameters<typeof endpoints>[2]) {
  return endpoints(service, [{ id: `${service}-1`, port: 1 }], { routes: [], ...ports });
}

describe('ports of a table', () => {
  it('lead to the ready targets of their service', () => {
    const targets = [
      { id: 'c1', port: 1 },
      { id: 'c2', port: 1, state: 'draining' as const },
    ];
    const table = buildRouteTable(
      knownEndpoints([endpoints('db', targets, { routes: [], ports: [{ ...port, host_ip: '10.0.0.1', proxy_protocol: 'v2' }] })]),
    );
    const [found, ...others] = table.ports.values();
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...found, service: found?.service.ready.map(({ id }) => id) },
      {
        key: '10.0.0.1 5432',
        host: 5432,
        hostIp: '10.0.0.1',
        service: ['c1'],
        container: 5432,
        protocol: 'tcp',
        idleMs: 1_000,
        tlsHost: null,
        proxyProtocol: 'v2',
      },
    );
    assert.deepEqual([...table.targets], ['c1', 'c2']);
  });

  it('belong to one service, as places do, and to each on an address of its own', () => {
    const table = buildRouteTable(
      knownEndpoints([
        entry('db', { ports: [port] }),
        entry('renamed', { ports: [port] }),
        entry('other', { ports: [{ ...port, host_ip: '127.0.0.1' }] }),
      ]),
    );
    assert.deepEqual([...table.ports.values()].map(({ key, service }) => [key, service.name]).toSorted(), [
      ['* 5432', 'renamed'],
      ['127.0.0.1 5432', 'other'],
    ]);
    assert.deepEqual(table.conflicts, [{ host: 'port * 5432', path: '', kept: 'renamed', refused: 'db' }]);
  });

  it('are one for connections and one for datagrams', () => {
    const table = buildRouteTable(knownEndpoints([entry('dns', { ports: [port, { ...port, protocol: 'udp' }] })]));
    assert.deepEqual(
      [...table.ports.values()].map(({ key, protocol }) => [key, protocol]),
      [
        ['* 5432', 'tcp'],
        ['* 5432/udp', 'udp'],
      ],
    );
    assert.deepEqual(table.conflicts, []);
  });

  it('are left out where what clients speak is unknown here, or no certificate can be for the host', () => {
    const table = buildRouteTable(
      knownEndpoints([
        entry('db', {
          ports: [
            { ...port, protocol: 'quic' },
            { ...port, host: 1, tls_host: 'a b' },
          ],
        }),
      ]),
    );
    assert.equal(table.ports.size, 0);
  });

  it('name the host as certificates do', () => {
    const table = buildRouteTable(knownEndpoints([entry('db', { ports: [{ ...port, tls_host: 'DB.test' }] })]));
    assert.equal(table.ports.get('* 5432')?.tlsHost, 'db.test');
  });

  it('are left out where targets want to be told in a version that is unknown here', () => {
    const table = buildRouteTable(knownEndpoints([entry('db', { ports: [{ ...port, proxy_protocol: 'v3' }] })]));
    assert.equal(table.ports.size, 0);
  });
});
