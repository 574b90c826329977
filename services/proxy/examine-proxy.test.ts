import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DoorState } from './core/examination.ts';
import { buildRouteTable } from './core/route-table.ts';
import { createExamineProxy } from './examine-proxy.ts';
import type { ResolveHost } from './ports.ts';
import { createRoutes } from './routes.ts';
import { endpoints, knownEndpoints } from './testing/endpoints.ts';
import { createPaperClock } from './testing/paper-clock.ts';

describe('the examination of the proxy', () => {
  const doors = (): readonly DoorState[] => [{ setting: 'KEDGE_HTTP_PORT', wanted: 80, port: 80 }];
  const ports = { states: () => [] };

  it('looks up the hosts of its routes, and waits for none for ever', async () => {
    const routes = createRoutes();
    routes.replace(buildRouteTable(knownEndpoints([endpoints('web', []), endpoints('api', [])], { strategy: 'http-only' })));
    const resolve: ResolveHost = async (host) =>
      host === 'web.test' ? { addresses: ['192.0.2.1'] } : await Promise.withResolvers<never>().promise;
    const clock = createPaperClock();
    const examining = createExamineProxy({ doors, ports, routes, resolve, pause: clock.pause })();
    await clock.advance(2_000);
    const found = await examining;
    assert.deepEqual(
      found.map(({ what, message }) => [what, message]),
      [
        ['port', 'listens on 80'],
        ['host api.test', 'it has a route, and DNS does not know it (no answer in time)'],
        ['hosts', '2 hosts with routes, 2 looked up, 1 known'],
      ],
    );
  });

  it('needs no routes', async () => {
    const resolve: ResolveHost = async () => await Promise.reject(new Error('nobody asks'));
    const found = await createExamineProxy({ doors, ports, routes: createRoutes(), resolve, pause: createPaperClock().pause })();
    assert.deepEqual(
      found.map(({ state }) => state),
      ['fine', 'fine'],
    );
  });
});
