import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry, ProxySettings } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { endpoints, knownEndpoints } from '../testing/endpoints.ts';
import { buildRouteTable, lookUp, type RouteTable } from './route-table.ts';

const target = { id: 'c1', port: 8_080 };

function tableOf(entries: readonly EndpointsEntry[], settings?: ProxySettings): RouteTable {
  return buildRouteTable(knownEndpoints(entries, settings));
}

function serviceAt(table: RouteTable, authority: string, path: string): string {
  const found = lookUp(table, { authority, path });
  return found.kind === 'found' ? found.service.name : found.kind;
}

describe('route table', () => {
  const table = tableOf([
    endpoints('web', [target], { routes: [{ host: 'app.test', path: '/' }] }),
    endpoints('api', [target], { routes: [{ host: 'app.test', path: '/api' }] }),
    endpoints('api-deep', [target], { routes: [{ host: 'app.test', path: '/api/v1/deep' }] }),
    endpoints('only-path', [target], { routes: [{ host: 'other.test', path: '/here/' }] }),
  ]);
  const patterns = tableOf([
    endpoints('exact', [target], { routes: [{ host: 'a.wide.test', path: '/only' }] }),
    endpoints('wide', [target], {
      routes: [
        { host: '*.wide.test', path: '/' },
        { host: '*.wide.test', path: '/deep' },
      ],
    }),
    endpoints('half', [target], { routes: [{ host: '*.half.test', path: '/half' }] }),
    endpoints('rest', [target], { routes: [{ host: '*', path: '/' }] }),
    endpoints('rest-path', [target], { routes: [{ host: '*', path: '/status' }] }),
  ]);

  const cases: readonly (readonly [authority: string, path: string, expected: string])[] = [
    ['app.test', '/', 'web'],
    ['app.test', '/api', 'api'],
    ['app.test', '/api/', 'api'],
    ['app.test', '/api/v1', 'api'],
    ['app.test', '/api?x', 'api'],
    ['app.test', '/api#x', 'api'],
    ['app.test', '/api?/v1/deep', 'api'],
    ['app.test', '/api-v2', 'web'],
    ['app.test', '/apis/v1/deep', 'web'],
    ['app.test', '/api/v1/deep', 'api-deep'],
    ['app.test', '/api/v1/deep/', 'api-deep'],
    ['app.test', '/api/v1/deep/er/and/deeper', 'api-deep'],
    ['app.test', '/api/v1/deeper', 'api'],
    ['app.test', '/API', 'web'],
    ['app.test', '*', 'web'],
    ['App.TEST', '/api', 'api'],
    ['app.test:8080', '/api', 'api'],
    ['app.test.', '/api', 'api'],
    ['APP.test.:80', '/api', 'api'],
    ['app.test:', '/api', 'api'],
    ['other.test', '/here', 'only-path'],
    ['other.test', '/here/too', 'only-path'],
    ['other.test', '/', 'unknown'],
    ['other.test', '/hereafter', 'unknown'],
    ['nobody.test', '/', 'unknown'],
    ['', '/', 'unknown'],
    ['app.test/evil', '/', 'malformed'],
    ['user@app.test', '/', 'malformed'],
    ['app.test:80:90', '/', 'malformed'],
    ['app.test, other.test', '/', 'malformed'],
    ['app.test other.test', '/', 'malformed'],
  ];
  for (const [authority, path, expected] of cases) {
    it(`leads ${authority || 'no host'}${path} to ${expected}`, () => assert.equal(serviceAt(table, authority, path), expected));
  }

  for (const [authority, path, expected] of [
    ['a.wide.test', '/only/x', 'exact'],
    ['a.wide.test', '/', 'wide'],
    ['b.wide.test', '/only', 'wide'],
    ['B.Wide.test.:8080', '/', 'wide'],
    ['b.a.wide.test', '/', 'rest'],
    ['wide.test', '/', 'rest'],
    ['.wide.test', '/', 'malformed'],
    ['a.wide.test..', '/', 'malformed'],
    ['*.wide.test', '/', 'malformed'],
    ['é.wide.test', '/', 'malformed'],
    ['a.half.test', '/half', 'half'],
    ['a.half.test', '/status', 'rest-path'],
    ['', '/', 'rest'],
    ['10.0.0.7', '/status/x', 'rest-path'],
    ['[::1]:80', '/', 'rest'],
    ['*', '/', 'malformed'],
    ['user@a.wide.test', '/', 'malformed'],
  ] as const) {
    it(`leads ${authority || 'no host'}${path} to ${expected} where hosts are patterns`, () =>
      assert.equal(serviceAt(patterns, authority, path), expected));
  }

  it('finds IPv6 literals with and without a port', () => {
    const literal = tableOf([endpoints('six', [target], { routes: [{ host: '[::1]', path: '/' }] })]);
    assert.equal(serviceAt(literal, '[::1]', '/'), 'six');
    assert.equal(serviceAt(literal, '[::1]:8080', '/'), 'six');
    assert.equal(serviceAt(literal, '[0:0::1]', '/'), 'six', 'in another spelling');
    const mapped = tableOf([endpoints('six', [target], { routes: [{ host: '[::ffff:1.2.3.4]', path: '/' }] })]);
    assert.equal(serviceAt(mapped, '[::ffff:1.2.3.4]', '/'), 'six');
  });

  it('finds a host with letters beyond ASCII by the name that clients send', () => {
    const named = tableOf([endpoints('buecher', [target], { routes: [{ host: 'Bücher.test', path: '/' }] })]);
    assert.equal(serviceAt(named, 'xn--bcher-kva.test', '/'), 'buecher');
  });

  it('looks as often whatever the number of routes', () => {
    const many = tableOf(
      Array.from({ length: 2_000 }, (_, index) =>
        endpoints(`s${index}`, [target], { routes: [`h${index}.test`, `*.w${index}.test`].map((host) => ({ host, path: '/' })) }),
      ),
    );
    let looks = 0;
    const count = (host: string) => {
      looks += 1;
      return many.hosts.get(host);
    };
    const counting = { get: count } as unknown as RouteTable['hosts'];
    for (const [authority, most] of [
      ['h1999.test', 1],
      ['H1999.test', 2],
      ['a.w1999.test', 2],
      ['nobody.test', 3],
      ['Nobody.test:80', 4],
    ] as const) {
      looks = 0;
      lookUp({ ...many, hosts: counting }, { authority, path: '/a/b/c' });
      assert.equal(looks, most, authority);
    }
  });

  it('sends new requests to ready targets only', () => {
    const mixed = tableOf([
      endpoints('web', [
        { id: 'old', port: 1, state: 'draining' },
        { id: 'new', port: 2 },
      ]),
    ]);
    const found = lookUp(mixed, { authority: 'web.test', path: '/' });
    assert.deepEqual(found.kind === 'found' && found.service.ready.map(({ id }) => id), ['new']);
    assert.deepEqual([...mixed.readyTargets], ['new']);
  });

  it('gives a contested place to one service, and names the others that wanted it', () => {
    const contested = tableOf(
      ['zebra', 'ant', 'bee'].map((name) => endpoints(name, [target], { routes: [{ host: 'same.test', path: '/' }] })),
    );
    assert.equal(serviceAt(contested, 'same.test', '/'), 'bee', 'written last');
    assert.deepEqual(
      contested.conflicts.map(({ kept, refused }) => [kept, refused]),
      [
        ['bee', 'ant'],
        ['bee', 'zebra'],
      ],
    );
  });

  it('decides each place by itself: who loses one keeps the others', () => {
    const routes = (...paths: readonly string[]) => ({ routes: paths.map((path) => ({ host: 'same.test', path })) });
    const shared = tableOf([endpoints('old', [target], routes('/', '/old')), endpoints('new', [target], routes('/', '/new'))]);
    assert.deepEqual(
      ['/', '/old', '/new'].map((path) => serviceAt(shared, 'same.test', path)),
      ['new', 'old', 'new'],
    );
    assert.equal(shared.conflicts.length, 1);
  });

  it('hands a place over from one name to another without a gap', () => {
    const old = endpoints('old', [{ id: 'o1', port: 1 }], { routes: [{ host: 'same.test', path: '/' }] });
    const oldLeaving = endpoints('old', [{ id: 'o1', port: 1, state: 'draining' }], { routes: old.routes });
    const starting = endpoints('new', [], { routes: old.routes });
    const ready = endpoints('new', [{ id: 'n1', port: 2 }], { routes: old.routes });
    const steps = [[old], [old, starting], [old, ready], [ready, oldLeaving], [ready]];
    assert.deepEqual(
      steps.map((entries) => serviceAt(tableOf(entries), 'same.test', '/')),
      ['old', 'old', 'new', 'new', 'new'],
    );
  });

  it('is the same whatever the order in which entries are read', () => {
    const entry = fc.record({
      name: fc.constantFrom('ant', 'bee', 'cat', 'dog'),
      ready: fc.boolean(),
      hold: fc.boolean(),
      epoch: fc.constantFrom('e1', 'e2', 'e3'),
      sequence: fc.integer({ min: 1, max: 3 }),
      path: fc.constantFrom('/', '/a'),
    });
    const some = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 4 });
    const orders = some.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length })),
    );
    fc.assert(
      fc.property(orders, ([first, second]) => {
        const [one, other] = [first, second].map((entries) =>
          buildRouteTable({
            epoch: 'e2',
            settings: {},
            services: new Map(
              entries.map(({ name, ready, hold, epoch, sequence, path }) => {
                const entry = endpoints(name, ready ? [target] : [], { routes: [{ host: 'same.test', path }], hold });
                const revision = `${epoch}.${sequence}`;
                return [entry.service, { entry, revision, contentRevision: revision }];
              }),
            ),
          }),
        );
        assert.deepEqual(other, one);
      }),
    );
  });

  it('refuses paths that others may resolve to another place, where rules guard some place of the host', () => {
    const rules = { allow: ['10.0.0.0/8'] };
    const guarded = tableOf([
      endpoints('web', [target], { routes: [{ host: 'app.test', path: '/' }] }),
      endpoints('admin', [target], { routes: [{ host: 'app.test', path: '/admin' }], rules }),
      endpoints('other', [target], { routes: [{ host: 'other.test', path: '/' }] }),
    ]);
    for (const path of ['/x/../admin', '/x/%2e%2e/admin', '/x/..%2fadmin', '/admin/../x', '/..;/admin'])
      assert.deepEqual([serviceAt(guarded, 'app.test', path), serviceAt(guarded, 'other.test', path)], ['ambiguous', 'other']);
    assert.equal(serviceAt(guarded, 'app.test', '/x/?back=/../admin'), 'web');
  });

  it('takes its settings from the node, and dispenser’s defaults otherwise', () => {
    const { enabled, strategy, trusts } = tableOf([]);
    assert.deepEqual([enabled, strategy, trusts('10.0.0.1')], [true, 'https-only', false]);
    const set = tableOf([], { enabled: false, strategy: 'both', trust_forwarded_headers: true });
    assert.deepEqual([set.enabled, set.strategy, set.trusts('10.0.0.1')], [false, 'both', true]);
    const some = tableOf([], { trust_forwarded_headers: false, trusted_proxies: ['10.0.0.0/8', 'no range'] });
    assert.deepEqual(['10.0.0.1', '11.0.0.1'].map(some.trusts), [true, false]);
  });

  it('agrees with a slow but obvious search for any routes and any request', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', 'a-b', '');
    const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
    const route = fc.record({ host: fc.constantFrom('one.test', '*.test', 'a.two.test', '*.two.test', '*'), path });
    const asked = fc.record({ host: fc.constantFrom('one.test', 'two.test', 'a.two.test', 'b.two.test', 'a.b.two.test', 'local'), path });
    fc.assert(
      fc.property(
        fc.uniqueArray(route, { maxLength: 8, selector: ({ host, path: declared }) => host + normal(declared) }),
        asked,
        fc.constantFrom('', '?q=/a/b', '#a'),
        (routes, request, suffix) => {
          const built = tableOf(routes.map((each, index) => endpoints(`service-${index}`, [target], { routes: [each] })));
          const matching = routes
            .map((each, index) => ({ name: `service-${index}`, host: each.host, path: normal(each.path) }))
            .filter(({ host, path: declared }) => ranksOf(request.host).includes(host) && covers(declared, request.path))
            .sort((left, right) => {
              const [one, other] = [left.host, right.host].map((host) => ranksOf(request.host).indexOf(host));
              return (one ?? 0) - (other ?? 0) || right.path.length - left.path.length;
            });
          assert.equal(serviceAt(built, request.host, request.path + suffix), matching[0]?.name ?? 'unknown');
        },
      ),
    );
  });
});

function normal(path: string): string {
  return path.replace(/\/+$/, '') || '/';
}

/** The hosts that a request may find itself under, the nearest first. */
function ranksOf(host: string): readonly string[] {
  return [host, host.replace(/^[^.]+\./, '*.'), '*'];
}

function covers(route: string, path: string): boolean {
  return route === '/' || path === route || path.startsWith(`${route}/`);
}
