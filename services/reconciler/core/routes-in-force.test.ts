import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Route } from '@kedge/shared/contracts';
import { releaseOf, rolloutTo } from '../testing/observed.ts';
import { node, web } from '../testing/simulated-proxies.ts';
import { specOf } from '../testing/stories.ts';
import { routesToCome, routesToGo, underDeclaredRules } from './routes-in-force.ts';

type Rules = Route['rules'];

describe('underDeclaredRules', () => {
  const routing = (rules: Rules, { host = 'a.b', port = 80 } = {}) => ({ port, routes: [{ host, path: '/', ...(rules && { rules }) }] });
  const [allow, other] = [{ allow: ['10.0.0.0/8'] }, { allow: ['192.0.2.0/24'] }];
  const maintenance = { maintenance: { status: 503 } };
  const redirect = { redirect: { to: 'b.b', permanent: true } };
  const table: readonly (readonly [string, Rules, ReturnType<typeof routing> | null, Rules])[] = [
    ['adds what is declared', undefined, routing(maintenance), maintenance],
    ['takes away what is not', maintenance, routing(undefined), undefined],
    ['changes who may come in', allow, routing(other), other],
    [
      'opens to nobody who could not come in before',
      { ...allow, basic_auth: [] },
      routing(maintenance),
      { ...allow, basic_auth: [], ...maintenance },
    ],
    ['leaves the rewrite as it is', { rewrite: '/v1' }, routing({ rewrite: '/v2', ...allow }), { rewrite: '/v1', ...allow }],
    ['makes no rewrite', undefined, routing({ rewrite: '/v2' }), undefined],
    ['makes no redirect', undefined, routing(redirect), undefined],
    ['leaves a redirect as it is', redirect, routing(maintenance), redirect],
    ['leaves it all at another port', allow, routing(maintenance, { port: 81 }), allow],
    ['leaves it all for another host', allow, routing(maintenance, { host: 'b.b' }), allow],
    ['leaves it all where no route is declared', allow, null, allow],
  ];
  for (const [name, serving, declared, expected] of table)
    it(name, () => assert.deepEqual(underDeclaredRules(routing(serving), declared), routing(expected)));
});

describe('routesToCome', () => {
  const { id: rollout, image, digest, source, startedAt: since } = rolloutTo('v1');
  const [before, now] = [
    ['a.b', 'gone.b'],
    ['a.b', 'new.b'],
  ].map(([host = '', other = '']) => specOf({ proxy: undefined, ruled_proxy: { host, hosts: [host, other], service_port: 80 } }));
  const serving = { release: releaseOf('v1'), image, digest, source, since, rollout, spec: before };
  const record = { node, service: web, serving, rollout: null };
  const lent = { host: 'lent.b', path: '/' };
  const endpoints = { node, service: web, routes: [{ host: 'a.b', path: '/' }, { host: 'gone.b', path: '/' }, lent], targets: [] };

  it('names what comes and what ends with the release that is wanted, and nothing that is lent to another service', () => {
    const told = routesToCome({ spec: now ?? null, record, endpoints, desired: releaseOf('v2') });
    assert.deepEqual(told, ['new.b/', 'the end of gone.b/']);
  });

  it('names nothing while that release serves', () => {
    assert.deepEqual(routesToCome({ spec: now ?? null, record, endpoints, desired: releaseOf('v1') }), []);
  });

  it('leaves to others what another service takes over, which is told while nothing else is wanted', () => {
    const facts = { spec: before ?? null, record, endpoints };
    assert.deepEqual(routesToGo({ ...facts, desired: releaseOf('v1') }), ['lent.b/']);
    assert.deepEqual(routesToGo({ ...facts, desired: releaseOf('v2') }), []);
  });
});
