import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildRouteTable } from './core/route-table.ts';
import { createRoutes } from './routes.ts';
import { knownEndpoints } from './testing/endpoints.ts';

describe('the routes in force', () => {
  it('are none at first, and then those that came last', () => {
    const routes = createRoutes();
    assert.equal(routes.current(), null);
    const [first, second] = [buildRouteTable(knownEndpoints([])), buildRouteTable(knownEndpoints([]))];
    routes.replace(first);
    routes.replace(second);
    assert.equal(routes.current(), second);
  });

  it('are in force by the time that anybody hears of them', () => {
    const routes = createRoutes();
    const next = buildRouteTable(knownEndpoints([]));
    const seen: unknown[] = [];
    for (let listener = 0; listener < 2; listener += 1) routes.onReplaced((table) => seen.push(table === routes.current()));
    routes.replace(next);
    assert.deepEqual(seen, [true, true]);
  });

  it('are no longer told to whoever ends that', () => {
    const routes = createRoutes();
    const told: string[] = [];
    const end = routes.onReplaced(() => void told.push('first'));
    routes.onReplaced(() => void told.push('second'));
    end();
    routes.replace(buildRouteTable(knownEndpoints([])));
    assert.deepEqual(told, ['second']);
  });
});
