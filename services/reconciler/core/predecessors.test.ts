import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { entry, proxy } from '../testing/heirs.ts';
import { declared, rolloutTo } from '../testing/observed.ts';
import { predecessorMessage, predecessorsOf, returningTo } from './predecessors.ts';

const recreated = { service: { name: 'shop', strategy: 'recreate' } };
const onHost = { network: [{ name: 'host' }] };
const elsewhere = { host: 'other.test', service_port: 80 };

/** Web, which served like that and leaves. */
function leaving(spec: ServiceSpec | undefined) {
  const { release, image, digest, source, id } = rolloutTo('v1');
  const serving = { release, image, digest, source, rollout: id, since: '2026-01-01T00:00:00.000Z', ...(spec && { spec }) };
  return { service: 'web', record: { serving }, endpoints: entry() };
}

describe('whom a service may not start beside', () => {
  for (const [what, spec, left] of [
    ['nothing of it may run beside another', declared({ proxy, ...recreated }), declared({ proxy })],
    ['nothing may run beside what leaves', declared({ proxy }), declared({ proxy, service: { strategy: 'recreate' } })],
    ["both are on the host's network", declared({ proxy, ...onHost }), declared({ proxy, ...onHost })],
    ['nobody knows how that served, and nothing of it may run beside another', declared({ proxy, ...recreated }), undefined],
  ] as const) {
    it(`is who leaves it a route where ${what}`, () =>
      assert.deepEqual(predecessorsOf(spec, [leaving(left)]), [{ service: 'web', code: 'ROUTE_MOVING', place: 'its route web.test/' }]));
  }

  for (const [what, spec, left] of [
    ['both may run at once', declared({ proxy }), declared({ proxy })],
    ["only one of them is on the host's network", declared({ proxy, ...onHost }), declared({ proxy })],
    ['it has other routes', declared({ proxy: elsewhere, ...recreated }), declared({ proxy })],
    ['it has none', declared(recreated), declared({ proxy })],
  ] as const) {
    it(`is nobody where ${what}`, () => assert.deepEqual(predecessorsOf(spec, [leaving(left)]), []));
  }

  it('is nobody whom proxies have not heard of', () =>
    assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [{ ...leaving(undefined), endpoints: null }]), []));

  it('is told in a sentence', () =>
    assert.match(
      predecessorMessage({ service: 'web', code: 'ROUTE_MOVING', place: 'its route web.test/' }),
      /^its route web\.test\/ is that of web, which is declared no more/,
    ));
});

describe('whom a service waits for while that comes back', () => {
  const [port, volume] = [[{ host: 8080, container: 80 }], [{ source: './data', target: '/data' }]];
  const returning = [leaving(declared({ proxy, port, volume }))];
  for (const [what, spec, expected] of [
    ['its port', declared({ port }), { code: 'PORT_MOVING', place: 'port 8080 of the host' }],
    ['its volume', declared({ volume }), { code: 'VOLUME_IN_USE', place: '/config/data' }],
    ['its route', declared({ proxy, ...recreated }), { code: 'ROUTE_MOVING', place: 'its route web.test/' }],
  ] as const) {
    it(`is who has ${what}`, () => assert.deepEqual(returningTo(spec, returning, '/config'), [{ service: 'web', ...expected }]));
  }
  it('is nobody who has something else, or of whom nobody knows what', () => {
    assert.deepEqual(returningTo(declared({ proxy, port: [{ host: 8081, container: 80 }] }), returning, '/config'), []);
    assert.deepEqual(returningTo(declared({ port }), [leaving(undefined)], '/config'), []);
  });
});
