import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import type { WritableMount } from '../ports.ts';
import { declared, releaseOf, rolloutTo } from '../testing/observed.ts';
import { type Declared, leavingWriters, stillWrittenMessage } from './still-written.ts';

const data = { volume: [{ source: 'data', target: '/data' }] };
const web = (changes: Parameters<typeof declared>[0] = {}) => declared({ service: { name: 'web' }, ...changes });
const shop = (changes: Parameters<typeof declared>[0] = {}) => declared({ service: { name: 'shop' }, ...changes });
const mount: WritableMount = { container: 'c1', name: 'web', owner: { node: 'local', service: 'web' }, source: 'data' };

/** What the record says of what serves. */
function servingAs(spec: ServiceSpec) {
  const { release, image, digest, source, id } = { ...rolloutTo('v1'), release: releaseOf('v1') };
  return { release, image, digest, source, rollout: id, since: '2026-01-01T00:00:00.000Z', spec };
}

interface Situation {
  readonly held?: readonly WritableMount[];
  readonly declaredWeb?: Declared;
  readonly record?: Declared['record'];
  /** What shop is. */
  readonly dispenser?: Record<string, unknown>;
}

/** Who keeps shop from writing to `data`, which web has. */
function writers({ held = [mount], declaredWeb, record = null, dispenser = { watch: true } }: Situation) {
  const spec = shop({ ...data, dispenser });
  const all = { shop: { spec, record }, ...(declaredWeb && { web: declaredWeb }) };
  return leavingWriters('shop', spec, { node: 'local', held, declared: new Map(Object.entries(all)), configFolder: '/config' });
}

describe('leavingWriters', () => {
  it('names the container of a service that is declared no more, and the place', () => {
    const found = writers({});
    assert.deepEqual(found, [{ service: 'web', source: 'data', container: 'web', isDeclared: false }]);
    assert.match(found.map(stillWrittenMessage).join(), /^container web of web, which is declared no more, still writes to data; /);
  });

  it('names that of a service that stays, without the place', () => {
    const found = writers({ declaredWeb: { spec: web(), record: null } });
    assert.deepEqual(found, [{ service: 'web', source: 'data', container: 'web', isDeclared: true }]);
    assert.match(found.map(stillWrittenMessage).join(), /^container web of web, which is declared without it now, still writes to data; /);
  });

  const once = { serving: servingAs(web(data)), rollout: null };
  const kept = { serving: servingAs(web({ ...data, service: { name: 'web', restart: 'always' } })), rollout: null };
  for (const [why, record] of [
    ['it is kept running', kept],
    ['its rollout is not through', { ...once, rollout: rolloutTo('v2') }],
    ['it comes up with that first', { ...once, comingUp: { release: releaseOf('v1'), since: '2026-01-01T00:00:00.000Z' } }],
    ['it was taken down with that', { ...once, takenDown: true }],
  ] as const) {
    it(`names what is stopped, and may come back: ${why}`, () => {
      const found = writers({ held: [], declaredWeb: { spec: web(), record } });
      assert.deepEqual(found, [{ service: 'web', source: 'data', container: null, isDeclared: true }]);
      assert.match(found.map(stillWrittenMessage).join(), /^web is declared without data now, and may still come back with it; /);
    });
  }

  const leaving: Situation = { declaredWeb: { spec: web(), record: null } };
  const free: Readonly<Record<string, Situation>> = {
    'its schedule starts it': { ...leaving, dispenser: { watch: true, cron: '0 3 * * *' } },
    'somebody starts it': { ...leaving, dispenser: { watch: true, initialize: 'on-trigger' } },
    'nobody has it': { ...leaving, held: [] },
    'somebody has another place': { ...leaving, held: [{ ...mount, source: 'other' }] },
    'whoever has it is to have it': { declaredWeb: { spec: web(data), record: { ...kept, rollout: rolloutTo('v2') } } },
    'Kedge did not make who has it': { ...leaving, held: [{ ...mount, owner: null }] },
    'it belongs to another node': { ...leaving, held: [{ ...mount, owner: { node: 'elsewhere', service: 'web' } }] },
    'both had it all the time, as the record tells': { ...leaving, record: { serving: servingAs(shop(data)), rollout: null } },
    'both have it all the time, as the engine tells': {
      ...leaving,
      held: [mount, { ...mount, container: 'c2', name: 'shop', owner: { node: 'local', service: 'shop' } }],
    },
    'what had it has something else that serves': {
      held: [],
      declaredWeb: { spec: web(), record: { serving: servingAs(web()), rollout: null } },
    },
    'what had it may have ended for good': {
      held: [],
      declaredWeb: {
        spec: web(),
        record: { serving: servingAs(web({ ...data, service: { name: 'web', restart: 'on-failure' } })), rollout: null },
      },
    },
  };
  for (const [why, situation] of Object.entries(free)) it(`minds nothing when ${why}`, () => assert.deepEqual(writers(situation), []));
});
