import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allRoutes, EndpointsEntry, splitRoutes } from './endpoints.ts';
import { proxyOf, ServiceSpec } from './service-spec.ts';

const plain = { host: 'a.test', path: '/' };
const ruled = { host: 'b.test', path: '/', rules: { allow: ['10.0.0.0/8'] } };

describe('routes with rules', () => {
  const entry = EndpointsEntry.parse({ node: 'local', service: 'web', targets: [], ...splitRoutes([ruled, plain]) });

  it('are routes of the entry like the others', () => {
    assert.deepEqual(allRoutes(entry), [plain, ruled]);
    assert.deepEqual(splitRoutes(allRoutes(entry)), splitRoutes([ruled, plain]));
    assert.equal('ruled' in splitRoutes([plain]), false);
  });

  it('stand together when their rules are the same: the more hosts there are, the longer only the list of them is', () => {
    const other = { ...ruled, rules: { maintenance: { status: 503 } } };
    const split = splitRoutes([ruled, { ...ruled, host: 'c.test' }, other]);
    assert.deepEqual(
      split.ruled?.map(({ places }) => places.map(({ host }) => host)),
      [['b.test', 'c.test'], ['b.test']],
    );
    assert.equal(allRoutes(split).length, 3);
  });

  it('are no routes at all to who knows no rules, rather than routes without them', () => {
    const before = EndpointsEntry.omit({ ruled: true });
    assert.deepEqual(before.parse(entry).routes, [plain]);
    const spec = {
      service: { name: 'web', image: 'nginx:1' },
      dispenser: { watch: true },
      ruled_proxy: { host: 'b.test', service_port: 80 },
    };
    assert.equal(ServiceSpec.omit({ ruled_proxy: true }).parse(spec).proxy, undefined);
    assert.deepEqual(proxyOf(ServiceSpec.parse(spec)), spec.ruled_proxy);
  });

  it('keep rules that this version does not know: proxies judge them', () => {
    const later = { places: [plain], rules: { fortress: { high: true } } };
    assert.deepEqual(EndpointsEntry.parse({ ...entry, ruled: [later] }).ruled, [later]);
  });
});
