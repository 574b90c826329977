import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Configuration } from '@kedge/config';
import { EndpointsEntry, ProxySettings, routingOf, splitRoutes } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { buildRouteTable, lookUp, type RouteTable } from '../../services/proxy/core/route-table.ts';

import { seed } from '../chaos/harness/sample.ts';
import { readExample } from './harness/examples.ts';
import { readInMemory } from './harness/read-in-memory.ts';
import { mainTables, serviceTables } from './harness/valid-files.ts';

/** The table of a proxy, of a folder with one service that declares this route. */
async function tableOf(route: string): Promise<RouteTable> {
  const verdict = await readInMemory({
    'kedge.toml': '[[service]]\npath = "web"\n',
    'web/service.toml': `[service]\nname = "web"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n[proxy]\nservice_port = 80\n${route}\n`,
  });
  assert.equal(verdict.kind, 'valid', JSON.stringify(verdict));
  return verdict.kind === 'valid' ? tableFor(verdict.configuration) : assert.fail();
}

/** What a proxy makes of what a reconciler writes for a configuration. */
function tableFor({ services, proxy = {} }: Pick<Configuration, 'services' | 'proxy'>): RouteTable {
  const revision = 'e1.1';
  const entries = services.map(({ name, spec }) => {
    const { routes = [] } = routingOf(spec) ?? {};
    const entry = { node: 'local', service: name, ...splitRoutes(routes), targets: [], hold: true };
    return EndpointsEntry.parse(JSON.parse(JSON.stringify(entry)));
  });
  return buildRouteTable({
    epoch: 'e1',
    settings: ProxySettings.parse(proxy),
    services: new Map(entries.map((entry) => [entry.service, { entry, revision, contentRevision: revision }])),
  });
}

describe('a declared route', () => {
  const table: readonly (readonly [route: string, requests: readonly (readonly [authority: string, path: string])[], isFound: boolean])[] =
    [
      [
        'host = "app.example.com."',
        [
          ['app.example.com', '/'],
          ['app.example.com.', '/'],
          ['App.example.com.:80', '/x'],
        ],
        true,
      ],
      [
        'host = "[2001:DB8::1]"',
        [
          ['[2001:db8::1]', '/'],
          ['[2001:DB8::1]:80', '/'],
        ],
        true,
      ],
      [
        'host = "::1"',
        [
          ['[::1]', '/'],
          ['[::1]:443', '/'],
        ],
        true,
      ],
      [
        'host = "10.0.0.7"',
        [
          ['10.0.0.7', '/'],
          ['10.0.0.7:80', '/'],
        ],
        true,
      ],
      ['host = "-a.example.com"', [['-a.example.com', '/']], true],
      [
        'host = "a"\npath = "/api//v1"',
        [
          ['a', '/api//v1'],
          ['a', '/api//v1/x?y'],
          ['a', '/api//v1//'],
        ],
        true,
      ],
      [
        'host = "a"\npath = "/api//v1"',
        [
          ['a', '/api/v1'],
          ['a', '/api'],
          ['a', '/api/'],
        ],
        false,
      ],
      [
        'host = "a"\npath = "//api"',
        [
          ['a', '//api'],
          ['a', '//api/x'],
        ],
        true,
      ],
      [
        'host = "a"\npath = "//api"',
        [
          ['a', '/api'],
          ['a', '/'],
        ],
        false,
      ],
      [
        'host = "a"\npath = "//"',
        [
          ['a', '/'],
          ['a', '//x'],
        ],
        true,
      ],
    ];
  for (const [route, requests, isFound] of table) {
    it(`${route.replace('\n', ', ')} ${isFound ? 'has' : 'has not'} ${requests.map((request) => request.join('')).join(' ')}`, async () => {
      const built = await tableOf(route);
      for (const [authority, path] of requests)
        assert.equal(lookUp(built, { authority, path }).kind === 'found', isFound, `${authority}${path}`);
    });
  }
});

describe('the rules of a declared route', () => {
  it('are all understood by the proxy', async () => {
    const verdict = await readInMemory(await readExample('routes'));
    assert.ok(verdict.kind === 'valid');
    const table = tableFor(verdict.configuration);
    assert.deepEqual(table.closed, []);
    const rulesAt = (authority: string, path: string) => {
      const found = lookUp(table, { authority, path });
      return found.kind === 'found' ? found.rules : null;
    };
    assert.deepEqual(rulesAt('WWW.shop.example.com', '/a')?.redirect, { to: 'shop.example.com', permanent: false });
    assert.equal(rulesAt('eu.shop.example.com', '/a')?.maxBody, 10 * 1_024 ** 2);
    const api = rulesAt('shop.example.com', '/api/x');
    assert.deepEqual([api?.allows('192.0.2.1'), api?.allows('10.0.0.1'), [...(api?.auth?.users.keys() ?? [])]], [true, false, ['ann']]);
    assert.deepEqual([table.trusts('10.0.0.9'), table.trusts('10.0.0.99')], [true, false]);
  });

  it('are all understood by the proxy, whatever is allowed in a file', async () => {
    const property = fc.asyncProperty(mainTables, serviceTables, async (main, service) => {
      const verdict = await readInMemory({ 'kedge.toml': stringify(main), 'web/service.toml': stringify(service) });
      if (verdict.kind === 'valid') assert.deepEqual(tableFor(verdict.configuration).closed, []);
    });
    await fc.assert(property, { seed, numRuns: 100 });
  });
});
