import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReleaseName, ServiceName, Target } from '@kedge/shared/contracts';
import { Registry } from 'prom-client';
import { createTraffic } from './traffic.ts';
import { showTraffic } from './traffic-metrics.ts';

const web = ServiceName.parse('web');
const targetOf = (id: string) => Target.parse({ id, address: '10.0.0.1', port: 80, release: `v1:${'0'.repeat(64)}`, state: 'ready' });

describe('traffic', () => {
  it('counts what is open on each target and tells when it fell quiet', () => {
    const traffic = createTraffic();
    const quiet: string[] = [];
    traffic.onQuiet((target) => quiet.push(target));
    const begun = ['a', 'a', 'b'].map((id) => traffic.begin(targetOf(id), web));
    const [first = assert.fail(), ...others] = begun;
    traffic.end(first);
    assert.deepEqual([traffic.openOf('a'), traffic.openOf('b'), traffic.openOf('c'), quiet], [1, 1, 0, []]);
    for (const other of others) traffic.end(other);
    assert.deepEqual([traffic.openOf('a'), quiet], [0, ['a', 'b']]);
  });

  it('keeps nothing of a target that left, once nothing is open there', () => {
    const traffic = createTraffic();
    const [a, b] = [traffic.begin(targetOf('a'), web), traffic.begin(targetOf('b'), web)];
    traffic.keepOnly({ services: new Set(), targets: new Set(['b']) });
    assert.equal(traffic.openOf('a'), 1);
    traffic.end(a);
    traffic.end(b);
    assert.deepEqual(
      [...traffic.targets()].map(({ target }) => target.id),
      ['b'],
    );
  });

  it('keeps nothing of a service that is routed no more, once nothing of it is under way', () => {
    const traffic = createTraffic();
    const names = () => [...traffic.services()].map(([service]) => service);
    const api = ServiceName.parse('api');
    traffic.refused(400);
    for (const service of [web, api]) traffic.of(service).begin();
    traffic.keepOnly({ services: new Set([web]), targets: new Set() });
    assert.deepEqual(names(), [null, web, api]);
    for (const service of [web, api]) traffic.of(service).end(200, 0.001);
    assert.deepEqual(names(), [null, web]);
    traffic.keepOnly({ services: new Set(), targets: new Set() });
    assert.deepEqual(names(), [null]);
  });

  it('begins anew for a target of another release', () => {
    const traffic = createTraffic();
    const before = traffic.begin(targetOf('a'), web);
    traffic.end(before);
    const after = traffic.begin({ ...targetOf('a'), release: ReleaseName.parse(`v1:${'1'.repeat(64)}`) }, web);
    assert.notEqual(after.tally, before.tally);
  });

  it('shows requests by service and class of status', async () => {
    const registry = new Registry();
    const traffic = createTraffic();
    showTraffic(registry, traffic);
    const served = traffic.of(web);
    for (const ending of [200, 204, 404, 503, 'aborted'] as const) {
      served.begin();
      served.end(ending, 0.002);
    }
    served.begin();
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
    const traffic = createTraffic();
    const [one, other] = [traffic.of(web), traffic.of(ServiceName.parse('api'))];
    assert.deepEqual([one.nextTurn(), one.nextTurn(), other.nextTurn(), one.nextTurn()], [1, 2, 1, 3]);
  });
});
