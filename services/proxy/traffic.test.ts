import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { Registry } from 'prom-client';
import { createTraffic } from './traffic.ts';

describe('traffic', () => {
  it('counts what is open on each target and tells when it fell quiet', () => {
    const traffic = createTraffic(new Registry());
    const quiet: string[] = [];
    traffic.onQuiet((target) => quiet.push(target));
    traffic.begin('a');
    traffic.begin('a');
    traffic.begin('b');
    traffic.end('a');
    assert.deepEqual([traffic.openOf('a'), traffic.openOf('b'), traffic.openOf('c'), quiet], [1, 1, 0, []]);
    traffic.end('a');
    traffic.end('b');
    assert.deepEqual([traffic.openOf('a'), quiet], [0, ['a', 'b']]);
  });

  it('shows requests by service and class of status', async () => {
    const registry = new Registry();
    const traffic = createTraffic(registry);
    const web = traffic.of(ServiceName.parse('web'));
    for (const ending of [200, 204, 404, 503, 'aborted'] as const) {
      web.begin();
      web.end(ending, 0.002);
    }
    web.begin();
    const text = await registry.metrics();
    for (const line of [
      'kedge_requests_total{service="web",code="2xx"} 2',
      'kedge_requests_total{service="web",code="4xx"} 1',
      'kedge_requests_total{service="web",code="5xx"} 1',
      'kedge_requests_total{service="web",code="aborted"} 1',
      'kedge_open_requests{service="web"} 1',
      'kedge_request_seconds_bucket{le="0.0025",service="web"} 5',
      'kedge_request_seconds_count{service="web"} 5',
    ]) {
      assert.ok(text.includes(`${line}\n`), line);
    }
  });

  it('gives every service its own turns', () => {
    const traffic = createTraffic(new Registry());
    const [web, api] = [traffic.of(ServiceName.parse('web')), traffic.of(ServiceName.parse('api'))];
    assert.deepEqual([web.nextTurn(), web.nextTurn(), api.nextTurn(), web.nextTurn()], [1, 2, 1, 3]);
  });
});
