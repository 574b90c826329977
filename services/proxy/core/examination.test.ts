import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DoorState, examineProxy, hostsToResolve, type Resolved } from './examination.ts';

const open: DoorState = { setting: 'KEDGE_HTTP_PORT', wanted: 80, port: 80 };
const https: DoorState = { setting: 'KEDGE_HTTPS_PORT', wanted: 8443, port: null };
const fine = { doors: [open], ports: [], enabled: true, strategy: null, hosts: 0, resolved: new Map<string, Resolved>() };

describe('examineProxy', () => {
  it('finds its port open', () => {
    assert.deepEqual(
      examineProxy(fine).map(({ what, state }) => [what, state]),
      [
        ['port', 'fine'],
        ['hosts', 'fine'],
      ],
    );
  });

  it('finds its port taken, and says who may have it', () => {
    const [found] = examineProxy({ ...fine, doors: [{ ...open, port: null }] });
    assert.equal(found?.state, 'failed');
    assert.match(found.advice ?? '', /sport = :80/);
  });

  it('finds nothing wrong with a listener that the configuration closed', () => {
    assert.equal(examineProxy({ ...fine, doors: [{ ...open, port: null }], enabled: false })[0]?.state, 'fine');
  });

  it('looks at the port for HTTPS likewise, which also the strategy may have closed', () => {
    const [, taken] = examineProxy({ ...fine, doors: [open, https], strategy: 'both' });
    assert.equal(taken?.what, 'https port');
    assert.equal(taken?.state, 'failed');
    assert.match(taken.advice, /KEDGE_HTTPS_PORT/);
    assert.equal(examineProxy({ ...fine, doors: [open, https], strategy: 'http-only' })[1]?.state, 'fine');
    assert.equal(examineProxy({ ...fine, doors: [open, { ...https, port: 8443 }] })[1]?.message, 'listens on 8443');
  });

  it('looks at each port of a service', () => {
    const port = { service: 'db', hostIp: null, port: 5432, protocol: 'tcp', problem: null } as const;
    const taken = { ...port, hostIp: '10.0.0.1', problem: 'EADDRINUSE' };
    const [, one, other] = examineProxy({ ...fine, ports: [port, taken] });
    assert.deepEqual([one?.what, one?.state, one?.message], ['port 5432', 'fine', 'listens for db']);
    assert.equal(other?.what, 'port 10.0.0.1 5432');
    assert.equal(other?.state, 'failed');
    assert.match(`${other.message} ${other.advice}`, /EADDRINUSE.*sport = :5432.*\[\[port\]\] of db/);
    assert.equal(examineProxy({ ...fine, ports: [taken], enabled: false })[1]?.state, 'fine');
    const [, udp] = examineProxy({ ...fine, ports: [{ ...taken, protocol: 'udp' }] });
    assert.equal(udp?.what, 'port 10.0.0.1 5432/udp');
    assert.ok(udp?.state === 'failed');
    assert.match(udp.advice, /ss -lunp/);
  });

  it('names each host that DNS does not know', () => {
    const resolved = new Map<string, Resolved>([
      ['known.example', { addresses: ['192.0.2.1'] }],
      ['lost.example', { problem: 'ENOTFOUND' }],
    ]);
    const found = examineProxy({ ...fine, hosts: 5, resolved });
    assert.deepEqual(
      found.slice(1).map(({ what, state, message }) => [what, state, message]),
      [
        ['host lost.example', 'warning', 'it has a route, and DNS does not know it (ENOTFOUND)'],
        ['hosts', 'fine', '5 hosts with routes, 2 looked up, 1 known'],
      ],
    );
  });
});

describe('hosts with routes', () => {
  for (const [hosts, words] of [
    [0, '0 hosts'],
    [1, '1 host'],
    [2, '2 hosts'],
  ] as const)
    it(`are counted: ${words}`, () =>
      assert.equal(examineProxy({ ...fine, hosts }).at(-1)?.message, `${words} with routes, 0 looked up, 0 known`));
});

describe('what to do about a host that DNS does not know', () => {
  for (const [host, advice] of [
    ['www.example.com', /^make an A or AAAA record/],
    ['web.test', /^no public DNS has such a name: .*\/etc\/hosts/],
    ['intranet', /^no public DNS has such a name/],
  ] as const) {
    it(`fits ${host}`, () => {
      const resolved = new Map<string, Resolved>([[host, { problem: 'ENOTFOUND' }]]);
      const found = examineProxy({ ...fine, resolved })[1];
      assert.match(found?.state === 'warning' ? (found.advice ?? '') : '', advice);
    });
  }
});

describe('hostsToResolve', () => {
  it('leaves away what DNS is not asked about', () => {
    const hosts = ['web.example', 'localhost', 'app.localhost', '192.0.2.1', '[2001:db8::1]', '*.example.com', 'api.example'];
    assert.deepEqual(hostsToResolve(hosts), ['api.example', 'web.example']);
  });
});
