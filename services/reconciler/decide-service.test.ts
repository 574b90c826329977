import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseName, type ServiceSpec, Ulid } from '@kedge/shared/contracts';
import { chooseImageOf, decideService, wantedOf } from './decide-service.ts';
import { declared, rolloutTo } from './testing/observed.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';

const since = new Date(worldNow).toISOString();
const pinned = declared({ service: { image: `app@${digestOf('v1')}` } });
const spec = declared();
const digest = digestOf('v1');
const circumstances = { requested: false, busy: false };

function serving(of: ServiceSpec, known = true) {
  const ref = { image: of.service.image, digest, source: 'registry' as const, release: releaseName(of, digest) };
  return { ...ref, since, rollout: Ulid.parse('01JZ0000000000000000000000'), ...(known ? { spec: of } : {}) };
}

describe('the decision about a service', () => {
  it('is made from what the world says', () => {
    assert.equal(decideService({ ...worldOf(), spec: pinned }, circumstances).kind, 'begin');
    assert.equal(decideService({ ...worldOf(), spec }, circumstances).kind, 'wait');
    const world = worldOf({ record: recordOf({ serving: serving(pinned) }) });
    assert.equal(decideService({ ...world, spec: pinned }, circumstances).kind, 'maintain');
  });

  it('takes what only this process knows beside it', () => {
    const job = declared({ service: { image: `app@${digest}` }, dispenser: { watch: true, cron: '* * * * *' } });
    assert.equal(decideService({ ...worldOf(), spec: job }, { requested: false, busy: true }).kind, 'rest');
  });
});

describe('the image of a service', () => {
  it('is what its reference names, or unknown until somebody tells', () => {
    assert.equal(chooseImageOf({ ...worldOf(), spec: pinned }).kind, 'chosen');
    assert.equal(chooseImageOf({ ...worldOf(), spec }).kind, 'waiting');
  });
});

describe('the release that a mode leads to', () => {
  const rollout = { ...rolloutTo('v1'), digest, release: releaseName(spec, digest) };

  it('is that of the rollout, which can be made while the declaration makes it', () => {
    const record = recordOf({ rollout });
    assert.equal(wantedOf(worldOf({ spec, record }), 'rollout')?.spec, spec);
    assert.equal(wantedOf(worldOf({ spec: declared({ env: { A: '1' } }), record }), 'rollout')?.spec, null);
    assert.equal(wantedOf(worldOf(), 'rollout'), null);
  });

  it('is what serves, with the routes that are declared by now, or as it was made', () => {
    const record = recordOf({ serving: serving(spec) });
    const routed = declared({ proxy: { host: 'a.b', service_port: 80 } });
    assert.equal(wantedOf(worldOf({ spec: routed, record }), 'serving')?.spec, routed);
    assert.deepEqual(wantedOf(worldOf({ spec: declared({ env: { A: '1' } }), record }), 'serving')?.spec, spec);
    const unknown = recordOf({ serving: serving(spec, false) });
    assert.equal(wantedOf(worldOf({ spec: null, record: unknown }), 'serving')?.spec, null);
  });
});
