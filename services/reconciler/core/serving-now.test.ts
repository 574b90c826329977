import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReleaseRecord, Ulid } from '@kedge/shared/contracts';
import { container, declared, releaseOf, rolloutTo, service, target } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { servingContainers, shownRelease } from './serving-now.ts';

const at = '2026-01-01T00:00:00.000Z';
const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const serving = { ...image, release: releaseOf('v1'), since: at, rollout: Ulid.parse('01JZ0000000000000000000000') };
const node = 'local' as ReleaseRecord['node'];
const [before, coming] = [container({ id: 'old' }), container({ id: 'new', kedge: { release: releaseOf('v2') } })];
const proxied = declared({ proxy: { host: 'a.b', service_port: 80 } });

/** Which containers serve, and which version is shown, while v2 takes the place of v1. */
function seen(how: { readonly ready?: readonly string[]; readonly switched?: boolean; readonly step?: string; readonly first?: boolean }) {
  const moved = how.switched ? { switchedAt: at } : {};
  const record: ReleaseRecord = {
    node,
    service,
    serving: how.first ? null : serving,
    rollout: { ...rolloutTo('v2'), step: how.step ?? 'starting', ...moved },
  };
  const endpoints = how.ready && { node, service, routes: [], targets: how.ready.map((id) => target(id)) };
  const found = servingContainers({
    spec: how.ready ? proxied : declared(),
    record,
    endpoints: endpoints ?? null,
    containers: how.first ? [coming] : [before, coming],
  });
  return [found.map(({ id }) => id), shownRelease(record, found)?.release === releaseOf('v2') ? 'v2' : 'v1'];
}

describe('what serves while a release takes the place of another', () => {
  const table: readonly (readonly [string, Parameters<typeof seen>[0], readonly string[], 'v1' | 'v2'])[] = [
    ['the old one, until requests move', { ready: ['old'] }, ['old'], 'v1'],
    ['the new one, from then on', { ready: ['new'], switched: true }, ['new'], 'v2'],
    ['both, while both get requests', { ready: ['old', 'new'] }, ['old', 'new'], 'v1'],
    ['nobody, while requests are held', { ready: [] }, [], 'v1'],
    ['the first one, as soon as it gets requests', { ready: ['new'], first: true }, ['new'], 'v2'],
    ['without requests, the old one until the name moves', {}, ['old'], 'v1'],
    ['without requests, the new one from then on', { switched: true }, ['new'], 'v2'],
    ['without requests, the old one again when it comes back', { switched: true, step: 'restoring' }, ['old'], 'v1'],
  ];
  for (const [name, how, containers, version] of table) it(name, () => assert.deepEqual(seen(how), [containers, version]));

  it('is what it was at rest', () => {
    const record: ReleaseRecord = { node, service, serving, rollout: null };
    const found = servingContainers({ spec: declared(), record, endpoints: null, containers: [before, coming] });
    assert.deepEqual([found.map(({ id }) => id), shownRelease(record, found)], [['old'], serving]);
    assert.equal(shownRelease(null, []), null);
  });

  it('is what it was when all its routes were taken over by others', () => {
    const record: ReleaseRecord = { node, service, serving: { ...serving, spec: proxied }, rollout: null };
    const [endpoints, containers] = [{ node, service, routes: [], targets: [] }, [before]];
    const ready = (spec: typeof proxied) => servingContainers({ spec, record, endpoints, containers }).length;
    assert.deepEqual([ready(declared({ proxy: { host: 'other.b', service_port: 80 } })), ready(proxied)], [1, 0]);
  });
});
