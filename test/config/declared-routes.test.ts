import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EndpointsEntry } from '@kedge/shared/contracts';
import { buildRouteTable, lookUp, type RouteTable } from '../../services/proxy/core/route-table.ts';
import { routingOf } from '../../services/reconciler/core/endpoints.ts';
import { readInMemory } from './harness/read-in-memory.ts';

/** The table of a proxy, of a folder with one service that declares this route. */
async function tableOf(route: string): Promise<RouteTable> {
  const verdict = await readInMemory({
    'kedge.toml': '[[service]]\npath = "web"\n',
    'web/service.toml': `[service]\nname = "web"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n[proxy]\nservice_port = 80\n${route}\n`,
  });
  assert.equal(verdict.kind, 'valid', JSON.stringify(verdict));
  const [service] = verdict.kind === 'valid' ? verdict.configuration.services : [];
  assert.ok(service);
  const { routes = [] } = routingOf(service.spec) ?? {};
  const revision = 'e1.1';
  const entry = EndpointsEntry.parse({ node: 'local', service: 'web', routes, targets: [], hold: true });
  return buildRouteTable({
    epoch: 'e1',
    settings: {},
    services: new Map([[entry.service, { entry, revision, contentRevision: revision }]]),
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
