import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { container, declared, rolloutTo, target, service as web } from '../testing/observed.ts';
import { node } from '../testing/simulated-proxies.ts';
import { successorWords } from './successors.ts';

const port = [{ host: 8080, container: 80 }];
const volume = [{ source: './data', target: '/data' }];
const proxy = { host: 'web.test', service_port: 80 };
const shop = (more: Record<string, unknown>) => declared({ service: { name: 'shop' }, ...more });
const recreated = { service: { name: 'shop', strategy: 'recreate' }, proxy };

/** What the record says of what serves. */
function servingAs(spec: ServiceSpec) {
  const { release, image, digest, source, id } = rolloutTo('v1');
  return { release, image, digest, source, rollout: id, since: '2026-01-01T00:00:00.000Z', spec };
}

interface Situation {
  /** What the heir served with until now. */
  readonly before?: ServiceSpec;
  /** What the service that leaves served with. */
  readonly left?: ServiceSpec;
}

/** What is told of a service that has a port, a volume and a route, and is declared no more. */
function words(spec: ServiceSpec, { before, left = declared({ port, volume, proxy }) }: Situation = {}): readonly string[] {
  const { id, name } = container();
  const held = [{ container: id, name, owner: { node, service: web }, source: '/etc/kedge/data' }];
  const record = before ? { serving: servingAs(before), rollout: null } : null;
  const leaving = {
    service: web,
    record: { serving: servingAs(left) },
    endpoints: { node, service: web, routes: [{ host: 'web.test', path: '/' }], targets: [target(id)] },
    ports: [{ host: 8080, protocol: 'tcp', hostIp: '0.0.0.0' }] as const,
  };
  return successorWords(leaving, { node, held, declared: new Map([['shop', { spec, record }]]), configFolder: '/etc/kedge' });
}

const why = (what: string) => [`shop can only start when it is gone, and takes over ${what}: if shop does not start, nobody has that`];

describe('who can only start when another service is gone', () => {
  for (const [what, found, expected] of [
    ['by a port of the host', words(shop({ port })), why('port 8080 of the host')],
    ['by a place to write to', words(shop({ volume })), why('/etc/kedge/data')],
    ['by both, with its route', words(shop({ port, volume, proxy })), why('port 8080 of the host, /etc/kedge/data, its route web.test/')],
    ['by its route where nothing of it may run beside another', words(declared(recreated)), why('its route web.test/')],
    [
      'by its route where nothing may run beside what leaves',
      words(shop({ proxy }), { left: declared({ service: { strategy: 'recreate' }, proxy }) }),
      why('its route web.test/'),
    ],
    ['not by a route that it takes over while the other one serves', words(shop({ proxy })), []],
    ['not by a place that both wrote to all the time', words(shop({ volume }), { before: shop({ volume }) }), []],
    ['not by what is only read', words(shop({ volume: [{ source: './data', target: '/data', readonly: true }] })), []],
    ['not by something else', words(shop({ port: [{ host: 8081, container: 80 }] })), []],
  ] as const) {
    it(`is told ${what}`, () => assert.deepEqual(found, expected));
  }
});
