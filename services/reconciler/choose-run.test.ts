import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, ImageEntry, type ReleaseRecord, releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { chooseRun } from './choose-run.ts';
import { declared, service } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';

const at = '2026-01-01T03:00:00.000Z';
const rollout = '01JZ0000000000000000000000';
const cron = '0 3 * * *';

/** A world in which v1 serves, made of `served`, and the registry has v2. */
function chosen(spec: ServiceSpec, served: ServiceSpec | undefined = spec, newest = 'v2') {
  const digest = digestOf('v1');
  const release = releaseName(served, digest);
  const serving: ReleaseRecord['serving'] = { release, image: 'app:latest', digest, source: 'registry', since: at, rollout, spec: served };
  const image = {
    state: 'present',
    reference: 'app:latest',
    accepted: { digest: digestOf(newest), platformDigest: digestOf(newest), acceptedAt: at },
  };
  const entry = { key: 'local.web', revision: 1, writtenAt: new Date(at) };
  const world = {
    service,
    key: entry.key,
    manifest: ConfigManifest.parse({ node, revision: 'r', entry: 'kedge.toml', services: {}, delay: 2 }),
    down: null,
    declared: null,
    spec,
    image: { ...entry, value: ImageEntry.parse(image) },
    local: null,
    record: { ...entry, value: { node, service, serving, rollout: null } },
    bars: null,
    endpoints: null,
    containers: [],
    foreign: null,
    quietForMs: new Map<string, number>(),
    now: Date.parse(at),
  };
  return chooseRun(world, { instant: at });
}

describe('what a run is made of', () => {
  it('is what serves when rollouts bring new releases', () => {
    const spec = declared({ dispenser: { watch: true, cron } });
    assert.partialDeepStrictEqual(chosen(spec), { digest: digestOf('v1'), rollout, spec });
    const before = declared({ service: { memory: '1g' }, dispenser: { watch: true, cron } });
    assert.partialDeepStrictEqual(chosen(spec, before), { digest: digestOf('v1'), rollout, spec: before });
  });

  it('is what the registry says now, declared as it is now, when only the schedule starts it or each run asks for it', () => {
    for (const more of [{ initialize: 'on-trigger' }, { pull: 'always' }]) {
      const spec = declared({ dispenser: { watch: true, cron, ...more } });
      const making = chosen(spec);
      assert.deepEqual([making.digest, making.release, making.spec], [digestOf('v2'), releaseName(spec, digestOf('v2')), spec]);
      assert.notEqual(making.rollout, rollout);
      assert.equal(chosen(spec, spec, 'v1').rollout, rollout, 'the same release goes on under its name');
    }
  });
});
