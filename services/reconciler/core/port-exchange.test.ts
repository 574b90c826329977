import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostPort, PublishedPort } from '../ports.ts';
import { givesWayTo } from './port-exchange.ts';

const port = (host: number): HostPort => ({ host, protocol: 'tcp', hostIp: '0.0.0.0' });
const has = (service: string, host: number): PublishedPort => ({
  ...port(host),
  container: service,
  name: service,
  owner: { node: 'local', service },
});
const wants = (table: Readonly<Record<string, number>>) => new Map(Object.entries(table).map(([service, host]) => [service, [port(host)]]));

describe('services that exchange ports of the host', () => {
  const swap = { wants: wants({ a: 2, b: 1 }), published: [has('a', 1), has('b', 2)] };
  const ring = { wants: wants({ a: 2, b: 3, c: 1 }), published: [has('a', 1), has('b', 2), has('c', 3)] };
  const chain = { wants: wants({ a: 2, b: 3 }), published: [has('a', 1), has('b', 2)] };
  for (const [name, exchange, service, expected] of [
    ['the first of two gives way to the other', swap, 'a', ['b']],
    ['the other one of two waits', swap, 'b', []],
    ['the first of three gives way to both', ring, 'a', ['b', 'c']],
    ['the second of three waits', ring, 'b', []],
    ['nobody gives way in a chain, whose end moves by itself', chain, 'a', []],
    [
      'nobody gives way to a container that Kedge did not make',
      { ...swap, published: [has('a', 1), { ...has('b', 2), owner: null }] },
      'a',
      [],
    ],
    ['who keeps its own port waits for nobody', { wants: wants({ a: 1 }), published: [has('a', 1)] }, 'a', []],
  ] as const) {
    it(name, () => assert.deepEqual(givesWayTo({ service, ...exchange }).toSorted(), expected));
  }
});
