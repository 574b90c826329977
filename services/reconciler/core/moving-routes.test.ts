import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entry, heir, proxy, route, shop } from '../testing/heirs.ts';
import { declared, service } from '../testing/observed.ts';
import { amidMoves, type Heir, lentRoutes, takenRoutes } from './moving-routes.ts';

describe('a route that is lent', () => {
  it('keeps its rules until its heir serves', () => {
    const rules = { allow: ['10.0.0.0/8'] };
    const ruled = [{ places: [route], rules }];
    const lending = { service, spec: declared({}), replaced: null, endpoints: entry({ routes: [], ruled }), declared: [heir()] };
    assert.deepEqual(lentRoutes(lending), [{ ...route, rules }]);
  });

  it('is not answered by a release that never declared it: requests wait for the heir, by whose rules they are judged then', () => {
    const replaced = declared({ proxy });
    const ruled = [{ places: [route], rules: { maintenance: { status: 503 } } }];
    const lending = { service, spec: declared({}), replaced, endpoints: entry({ routes: [], ruled }), declared: [heir()] };
    assert.deepEqual(lentRoutes(lending), [{ ...route, rules: { pause: { timeout_ms: 30_000, limit: 1_000 } } }]);
    assert.deepEqual(lentRoutes({ ...lending, declared: [heir({ endpoints: entry({ service: shop }) })] }), []);
  });
});

describe('a route that is taken over', () => {
  const taken = (heirs: readonly Heir[], own: Parameters<typeof declared>[0] = {}) =>
    takenRoutes([route], { service, spec: declared(own), declared: heirs });
  const serves = { endpoints: entry({ service: shop }) };

  it('is the one that another service declares and serves', () => assert.deepEqual(taken([heir(serves)]), [route]));
  it('is none that nobody serves yet', () => assert.deepEqual(taken([heir()]), []));
  it('is none that the service declares itself', () => assert.deepEqual(taken([heir(serves)], { proxy }), []));
  it('is none of its own', () => assert.deepEqual(taken([{ ...heir(serves), service }]), []));
});

describe('a routing amid moves', () => {
  const other = { host: 'other.test', path: '/' };
  const own = { port: 8080, routes: [route] };
  const nothing = { taken: [], lent: [], endpoints: null };
  for (const [what, found, expected] of [
    ['stays as it is without any', amidMoves(own, nothing), own],
    ['is none without any', amidMoves(null, nothing), null],
    ['loses what was taken over', amidMoves({ ...own, routes: [route, other] }, { ...nothing, taken: [other] }), own],
    ['is none when all was', amidMoves(own, { ...nothing, taken: [route] }), null],
    ['has what is lent once', amidMoves(own, { ...nothing, lent: [route, other] }), { ...own, routes: [route, other] }],
    [
      'has what is lent at the port of before',
      amidMoves(null, { ...nothing, lent: [other], endpoints: entry() }),
      { port: 80, routes: [other] },
    ],
    ['lends nothing where nobody answers', amidMoves(null, { ...nothing, lent: [other] }), null],
  ] as const) {
    it(what, () => assert.deepEqual(found, expected));
  }
});
