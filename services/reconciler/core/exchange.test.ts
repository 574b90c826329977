import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostPort, PublishedPort } from '../ports.ts';
import { container, rolloutTo } from '../testing/observed.ts';
import { departureOf, exchangeOf, portsHeldBy, stuckWords, turnOf } from './exchange.ts';

const port = (host: number): HostPort => ({ host, protocol: 'tcp', hostIp: '0.0.0.0' });
const has = (service: string, host: number): PublishedPort => ({
  ...port(host),
  container: service,
  name: service,
  owner: { node: 'local', service },
});
const wants = (table: Readonly<Record<string, number>>) => new Map(Object.entries(table).map(([service, host]) => [service, [port(host)]]));

describe('services that exchange places of the host', () => {
  const swap = { wants: wants({ a: 2, b: 1 }), published: [has('a', 1), has('b', 2)] };
  const ring = { wants: wants({ a: 2, b: 3, c: 1 }), published: [has('a', 1), has('b', 2), has('c', 3)] };
  const chain = { wants: wants({ a: 2, b: 3, c: 4 }), published: [has('a', 1), has('b', 2), has('c', 3)] };
  const beside = { wants: wants({ a: 2, b: 3, c: 2 }), published: [has('a', 1), has('b', 2), has('c', 3)] };
  const foreign = { ...swap, published: [has('a', 1), { ...has('b', 2), owner: null }] };
  for (const [name, exchange, service, others, givesWay] of [
    ['the first of two gives way to the other', swap, 'a', ['b'], true],
    ['the other one of two waits', swap, 'b', ['a'], false],
    ['the first of three gives way to both', ring, 'a', ['b', 'c'], true],
    ['the second of three waits', ring, 'b', ['a', 'c'], false],
    ['nobody gives way in a chain, whose end moves by itself', chain, 'a', ['b', 'c'], false],
    ['who waits for a ring without being in it does not give way to it', beside, 'a', ['b', 'c'], false],
    ['nobody gives way to a container that Kedge did not make', foreign, 'a', [], false],
    ['who keeps its own port waits for nobody', { wants: wants({ a: 1 }), published: [has('a', 1)] }, 'a', [], false],
  ] as const) {
    it(name, () => {
      const { wants: of, published } = exchange;
      const places = (waiting: string) => portsHeldBy({ waiting, ports: of.get(waiting) ?? [], published });
      const found = exchangeOf(service, { places, taken: places, others: () => [] });
      assert.deepEqual({ others: found.others.toSorted(), givesWay: found.givesWay }, { others, givesWay });
    });
  }
});

describe('an exchange', () => {
  const of = (table: Readonly<Record<string, readonly string[]>>) => (waiting: string) => table[waiting] ?? [];
  const swap = { a: ['b'], b: ['a'] };
  const nobody = of({});

  it('has its next one give way when the first has', () => {
    const figure = { a: ['b'], b: ['c', 'a'], c: ['b'] };
    const found = exchangeOf('b', { places: of(figure), taken: of({ b: ['c'], c: ['b'], a: ['b'] }), others: nobody });
    assert.deepEqual([found.ring.toSorted(), found.givesWay, found.isLocked], [['a', 'c'], true, false]);
  });

  it('has somebody give way on whom nobody of it depends', () => {
    const waits = { places: of(swap), taken: of(swap), others: of({ b: ['a'] }) };
    assert.deepEqual([exchangeOf('a', waits).givesWay, exchangeOf('b', waits).givesWay], [false, true]);
  });

  for (const [what, places, others, ring, isLocked] of [
    ['is locked where one of it waits for another in another way', swap, { b: ['a'] }, ['b'], true],
    ['is one also by that alone', { a: ['b'] }, { b: ['c'], c: ['a'] }, ['b', 'c'], true],
    ['is not locked by what somebody outside waits for', swap, { c: ['a'] }, ['b'], false],
    ['is not locked by waiting for somebody outside', swap, { b: ['c'] }, ['b'], false],
    ['is none where nobody waits for the first', { a: ['b'] }, { b: ['c'] }, [], false],
  ] as const) {
    it(what, () => {
      const found = exchangeOf('a', { places: of(places), taken: of(places), others: of(others) });
      assert.deepEqual([found.ring.toSorted(), found.isLocked], [ring, isLocked]);
    });
  }
});

describe('a service that is to give a place up', () => {
  const now = Date.parse('2026-01-01T01:00:00Z');
  const rollout = rolloutTo('v2');
  const waiting = {
    code: 'REGISTRY_DENIED',
    message: '',
    since: '2026-01-01T00:00:00.000Z',
    retryAt: '2026-01-01T01:00:30.000Z',
    failures: 1,
  };
  const made = [container(), container({ state: 'created', kedge: { release: rollout.release } })];
  const ended = { ...waiting, retryAt: '2026-01-01T00:59:00.000Z' };
  for (const [what, record, containers, answer] of [
    ['is stuck without a rollout', { rollout: null }, made, 'stuck'],
    ['is stuck without a record', null, made, 'stuck'],
    ['is stuck behind an obstacle', { rollout, waiting }, made, 'stuck'],
    ['is coming when it only waits for others to move', { rollout, waiting: { ...waiting, code: 'PORT_MOVING' } }, made, 'coming'],
    [
      'is stuck while it waits for another service, whenever that was looked at',
      { rollout, waiting: { ...ended, code: 'DEPENDENCY_PENDING' } },
      made,
      'stuck',
    ],
    ['is coming until its containers are made', { rollout }, [container()], 'coming'],
    ['is coming when it tries again', { rollout, waiting: ended }, [container()], 'coming'],
    ['is prepared when its containers are made', { rollout, waiting: ended }, made, 'prepared'],
  ] as const) {
    it(what, () => assert.equal(departureOf({ record, containers, replicas: 1, now }), answer));
  }
});

describe('who keeps what another one waits for', () => {
  const last = {
    rollout: rolloutTo('v2').id,
    release: rolloutTo('v2').release,
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:00.000Z',
  };
  for (const [what, record, words] of [
    ['nothing while nothing is known', null, null],
    ['how its last rollout ended', { last: { ...last, outcome: 'rolledback', reason: 'it crashed' } }, 'web does not move: it crashed'],
    [
      'what it waits for',
      { waiting: { code: 'REGISTRY_DENIED', message: 'no access', since: last.startedAt, retryAt: last.startedAt, failures: 1 } },
      'web does not move: no access',
    ],
    [
      'nothing of an earlier rollout while one is under way',
      { rollout: rolloutTo('v3'), last: { ...last, outcome: 'rolledback', reason: 'it crashed' } },
      null,
    ],
  ] as const) {
    it(`is told with ${what}`, () => assert.equal(stuckWords('web', record && { rollout: null, ...record }), words));
  }
});

describe('the turn of a service whose place another one has', () => {
  const [create, start] = [{ kind: 'create', slot: 0, name: 'web' } as const, { kind: 'start', id: 'c1' } as const];
  const stop = { kind: 'stop', id: 'c0', reason: '', makesRoom: true } as const;
  const turn = { steps: [create], containers: [], givesWay: true, departures: [], now: 0 };
  for (const [what, changes, answer] of [
    ['is to make containers while others move', { givesWay: false, departures: ['coming'] }, 'go'],
    ['is to stop when it gives way', { steps: [stop], departures: ['prepared'] }, 'go'],
    ['comes where there is nothing to stop any more', { steps: [start], departures: ['prepared'] }, 'wait'],
    ['is none while somebody is stuck', { departures: ['stuck'] }, 'obstacle'],
    ['comes while somebody is on the way', { steps: [stop], departures: ['coming'] }, 'wait'],
  ] as const) {
    it(what, () => assert.equal(turnOf({ ...turn, ...changes }), answer));
  }
});
