import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord, ServiceName } from '@kedge/shared/contracts';
import { entry, heir, proxy, route, shop } from '../testing/heirs.ts';
import { container, declared, rolloutTo, target } from '../testing/observed.ts';
import { pendingHandOver } from './hand-over.ts';

function serving(spec: Parameters<typeof declared>[0] = {}): Pick<ReleaseRecord, 'serving'> {
  const { release, digest } = rolloutTo('v1');
  const from = { release, digest, image: 'app:latest', source: 'registry' } as const;
  return { serving: { ...from, since: '2026-01-01T00:00:00Z', rollout: rolloutTo('v1').id, spec: declared({ proxy, ...spec }) } };
}

describe('a service that is declared no more', () => {
  const leaving = {
    record: null,
    endpoints: entry(),
    containers: [container()],
    declared: [heir()],
    waitsForIt: () => false,
  };

  it('stays until the service that takes its route over serves, and says so', () => {
    assert.deepEqual(pendingHandOver(leaving), { to: shop, reason: 'its route web.test/ moves to shop when that serves' });
  });

  for (const [why, changes] of Object.entries({
    'nobody declares its route': { declared: [heir({ spec: declared({ proxy: { ...proxy, path: '/api' } }) })] },
    'nothing else is declared': { declared: [] },
    'its heir serves': { declared: [heir({ endpoints: entry({ service: shop }) })] },
    'its own container does not run': { containers: [container({ state: 'exited' })] },
    'its own container is not routed': { endpoints: entry({ targets: [target('c1', { state: 'draining' })] }) },
    'it has no routes': { endpoints: null },
    'requests wait there in any case': {
      endpoints: entry({ routes: [], ruled: [{ places: [route], rules: { pause: { timeout_ms: 30_000, limit: 1_000 } } }] }),
    },
    'its heir waits for it': { waitsForIt: (service: ServiceName) => service === shop },
    'it never runs beside another': {
      record: serving({ service: { strategy: 'recreate' } }),
      declared: [heir()],
    },
    'its heir never runs beside another': {
      record: serving(),
      declared: [heir({ spec: declared({ proxy, service: { strategy: 'recreate' } }) })],
    },
  })) {
    it(`leaves at once when ${why}`, () => assert.equal(pendingHandOver({ ...leaving, ...changes }), null));
  }

  for (const [why, endpoints] of Object.entries({
    'has no ready target': entry({ service: shop, targets: [target('c2', { state: 'draining' })] }),
    'serves another route until now': entry({ service: shop, routes: [{ host: 'shop.test', path: '/' }] }),
  })) {
    it(`stays while its heir ${why}`, () => {
      assert.equal(pendingHandOver({ ...leaving, declared: [heir({ endpoints })] })?.to, shop);
    });
  }

  it('stays and leaves alike when the routes have rules', () => {
    const ruled = { routes: [], ruled: [{ places: [route], rules: { maintenance: {} } }] };
    assert.equal(pendingHandOver({ ...leaving, endpoints: entry(ruled) })?.to, shop);
    const spec = declared({ ruled_proxy: proxy });
    assert.equal(pendingHandOver({ ...leaving, declared: [heir({ spec })] })?.to, shop);
    assert.equal(pendingHandOver({ ...leaving, declared: [heir({ spec, endpoints: entry({ service: shop, ...ruled }) })] }), null);
  });

  it('leaves when one of several that declare its route serves it', () => {
    const both = [heir(), heir({ endpoints: entry({ service: shop }) })];
    assert.equal(pendingHandOver({ ...leaving, declared: both }), null);
  });
});
