import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { entry, proxy } from '../testing/heirs.ts';
import { declared, rolloutTo } from '../testing/observed.ts';
import { predecessorMessage, predecessorsOf, restoredTo, takesOnlyPlaceOf, takesPlaceOf } from './predecessors.ts';

const recreated = { service: { name: 'shop', strategy: 'recreate' } };
const onHost = { network: [{ name: 'host' }] };
const elsewhere = { host: 'other.test', service_port: 80 };

/** Web, which served like that and leaves. */
function leaving(spec: ServiceSpec | undefined) {
  const { release, image, digest, source, id } = rolloutTo('v1');
  const serving = { release, image, digest, source, rollout: id, since: '2026-01-01T00:00:00.000Z', ...(spec && { spec }) };
  return { service: 'web', record: { serving }, endpoints: entry(), made: [] };
}

describe('whom a service may not start beside', () => {
  for (const [what, spec, left] of [
    ['nothing of it may run beside another', declared({ proxy, ...recreated }), declared({ proxy })],
    ['nothing may run beside what leaves', declared({ proxy }), declared({ proxy, service: { strategy: 'recreate' } })],
    ["both are on the host's network", declared({ proxy, ...onHost }), declared({ proxy, ...onHost })],
    ['nobody knows how that served, and nothing of it may run beside another', declared({ proxy, ...recreated }), undefined],
  ] as const) {
    it(`is who leaves it a route where ${what}`, () =>
      assert.deepEqual(predecessorsOf(spec, [leaving(left)]), [
        { service: 'web', code: 'ROUTE_MOVING', place: 'its route web.test/', isRestored: false },
      ]));
  }

  for (const [what, spec, left] of [
    ['both may run at once', declared({ proxy }), declared({ proxy })],
    ["only one of them is on the host's network", declared({ proxy, ...onHost }), declared({ proxy })],
    ['it has other routes', declared({ proxy: elsewhere, ...recreated }), declared({ proxy })],
    ['it has none', declared(recreated), declared({ proxy })],
  ] as const) {
    it(`is nobody where ${what}`, () => assert.deepEqual(predecessorsOf(spec, [leaving(left)]), []));
  }

  it('is also whom proxies send nobody any more, where it is known what that served', () => {
    const left = (spec?: ServiceSpec) => ({ ...leaving(spec), endpoints: null });
    const expected = [{ service: 'web', code: 'ROUTE_MOVING', place: 'its route web.test/', isRestored: false }];
    assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [left(declared({ proxy }))]), expected);
    assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [left(declared({ proxy: elsewhere }))]), []);
    assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [left()]), []);
  });

  describe('is, of those that never served, who was made for its route', () => {
    const { release, digest } = rolloutTo('v1');
    const made = { release, digest, routes: ['web.test/'], isAlone: false };
    const interrupted = { service: 'shop', record: { serving: null }, endpoints: null, made: [made] };
    const expected = [{ service: 'shop', code: 'ROUTE_MOVING', place: 'its route web.test/', isRestored: false }];
    for (const [what, spec, leaver, found] of [
      ['where nothing of it may run beside another', declared({ proxy, ...recreated }), interrupted, expected],
      ["where it is on the host's network", declared({ proxy, ...onHost }), interrupted, expected],
      ['also where nothing is known of that', declared({ proxy, ...recreated }), { ...interrupted, record: null }, expected],
      ['where nothing may run beside that', declared({ proxy }), { ...interrupted, made: [{ ...made, isAlone: true }] }, expected],
      ['not where both may run at once', declared({ proxy }), interrupted, []],
      [
        'not where that was made for something else',
        declared({ proxy, ...recreated }),
        { ...interrupted, made: [{ ...made, routes: ['other.test/'] }] },
        [],
      ],
    ] as const) {
      it(what, () => assert.deepEqual(predecessorsOf(spec, [leaver]), found));
    }
    it('also where that has another route by now, and is of the image that is to be started', () => {
      const moved = { ...interrupted, made: [{ ...made, routes: ['other.test/'] }] };
      const byImage = [{ service: 'shop', code: 'ROUTE_MOVING', place: 'its image', isRestored: false }];
      assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [moved], digest), byImage);
      assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [moved], rolloutTo('v2').digest), []);
      const silent = { ...interrupted, made: [{ ...made, routes: [] }] };
      assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [silent], digest), [], 'nobody is sent there');
    });
    it('and of those that served something else, what a rollout was about to serve', () => {
      const left = { ...leaving(declared({ proxy: elsewhere })), service: 'shop', endpoints: null };
      assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [{ ...left, made: [made] }]), []);
      const next = { ...made, release: rolloutTo('v2').release };
      assert.deepEqual(predecessorsOf(declared({ proxy, ...recreated }), [{ ...left, made: [made, next] }]), expected);
    });
  });

  for (const [what, told, sentence] of [
    [
      'still runs',
      { isRestored: false },
      'is declared no more and still runs; the two must not run at once: this one starts when that has stopped',
    ],
    [
      'comes back to a port',
      { isRestored: true, code: 'PORT_MOVING' },
      'is declared no more and comes back before it leaves: this one starts when that has stopped',
    ],
  ] as const) {
    it(`is told in a sentence where that ${what}`, () =>
      assert.equal(
        predecessorMessage({ service: 'web', code: 'ROUTE_MOVING', place: 'its place', ...told }),
        `its place is that of web, which ${sentence} (kedge status web tells what that waits for)`,
      ));
  }
});

describe('whom a service waits for while that comes back', () => {
  const [port, volume] = [[{ host: 8080, container: 80 }], [{ source: './data', target: '/data' }]];
  const restored = [leaving(declared({ proxy, port, volume }))];
  for (const [what, spec, expected] of [
    ['its port', declared({ port }), { code: 'PORT_MOVING', place: 'port 8080 of the host' }],
    ['its volume', declared({ volume }), { code: 'VOLUME_IN_USE', place: '/config/data' }],
    ['its route', declared({ proxy, ...recreated }), { code: 'ROUTE_MOVING', place: 'its route web.test/' }],
  ] as const) {
    it(`is who has ${what}`, () =>
      assert.deepEqual(restoredTo(spec, restored, '/config'), [{ service: 'web', ...expected, isRestored: true }]));
  }
  it('is nobody who has something else, or of whom nobody knows what', () => {
    assert.deepEqual(restoredTo(declared({ proxy, port: [{ host: 8081, container: 80 }] }), restored, '/config'), []);
    assert.deepEqual(restoredTo(declared({ port }), [leaving(undefined)], '/config'), []);
  });
});

describe('who is declared to have the place of another one', () => {
  const port = [{ host: 8080, container: 80 }];
  const volume = [{ source: './data', target: '/data' }];
  const served = declared({ proxy, port, volume });
  for (const [what, spec, takes, takesOnly] of [
    ['its route', { proxy }, true, false],
    ['its route, and runs beside nothing', { proxy, service: { strategy: 'recreate' } }, true, true],
    ['its port', { port }, true, true],
    ['its volume', { volume }, true, true],
    [
      'nothing of it',
      { proxy: elsewhere, port: [{ host: 8081, container: 80 }], volume: [{ source: './other', target: '/data' }] },
      false,
      false,
    ],
    ['its volume only to read', { volume: [{ source: './data', target: '/data', readonly: true }] }, false, false],
  ] as const) {
    it(`has ${what}`, () => {
      const told = [takesPlaceOf, takesOnlyPlaceOf].map((asks) => asks(declared(spec), served, '/srv'));
      assert.deepEqual(told, [takes, takesOnly]);
    });
  }
});
