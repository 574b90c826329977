import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostPort, PublishedPort } from '../ports.ts';
import { overlaps, type PortState, portConflict } from './port-conflict.ts';

const web: HostPort = { host: 8080, protocol: 'tcp', hostIp: '0.0.0.0' };
const held = (container: string, changes: Partial<HostPort> = {}): PublishedPort => ({
  ...web,
  container,
  name: `${container}-name`,
  owner: null,
  ...changes,
});

describe('a port of the host', () => {
  const conflict = (published: readonly PublishedPort[], state: PortState) =>
    portConflict({
      wanted: [web],
      published,
      own: new Set(['old']),
      states: [state],
      isGivenUp: ({ container }) => container === 'leaving',
    });

  for (const { what, published, state, answer } of [
    { what: 'is free', published: [], state: 'free', answer: null },
    { what: 'is held by the old container of the service', published: [held('old')], state: 'taken', answer: null },
    { what: 'may be taken by somebody whom nobody can see', published: [], state: 'unknown', answer: null },
    { what: 'is held by another container', published: [held('db')], state: 'unknown', answer: /port 8080 .* container db-name; free it/ },
    { what: 'is held by another program', published: [], state: 'taken', answer: /port 8080 .* another program; free it/ },
    { what: 'has a neighbour', published: [held('db', { host: 8081 })], state: 'free', answer: null },
  ] as const) {
    it(`${what}: ${answer === null ? 'the start may go on' : 'nothing is stopped for it'}`, () => {
      const found = conflict(published, state);
      if (answer === null) assert.equal(found, null);
      else assert.match(found?.message ?? '', answer);
    });
  }

  it('moves when whoever has it gives it up by itself', () => {
    assert.deepEqual(conflict([{ ...held('leaving'), owner: { node: 'local', service: 'shop' } }], 'taken'), {
      kind: 'moving',
      message: 'port 8080 of the host moves here; shop gives it up first',
    });
    assert.equal(conflict([held('leaving'), held('db')], 'taken')?.kind, 'taken', 'not while somebody else has it too');
  });

  it('names the protocol where it is not the usual one', () => {
    const wanted = [{ ...web, host: 53, protocol: 'udp' as const }];
    const found = portConflict({ wanted, published: [], own: new Set(), states: ['taken'], isGivenUp: () => false });
    assert.match(found?.message ?? '', /port 53\/udp/);
  });

  for (const { other, answer } of [
    { other: { hostIp: '127.0.0.1' }, answer: true },
    { other: { hostIp: '::' }, answer: false },
    { other: { protocol: 'udp' }, answer: false },
    { other: { host: 80 }, answer: false },
  ] as const) {
    it(`${answer ? 'cannot' : 'can'} be shared with ${JSON.stringify(other)}`, () => {
      assert.equal(overlaps(web, { ...web, ...other }), answer);
      assert.equal(overlaps({ ...web, ...other }, web), answer);
    });
  }

  it('can be bound on two addresses of the host', () => {
    assert.equal(overlaps({ ...web, hostIp: '127.0.0.1' }, { ...web, hostIp: '127.0.0.2' }), false);
  });
});
