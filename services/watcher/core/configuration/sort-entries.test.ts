import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { rejectionRecord } from './first-rejection.ts';
import { sortEntries } from './sort-entries.ts';
import { stagedKey } from './staged-specs.ts';
import { nameOf } from './wished-entries.ts';

const node = NodeName.parse('local');
const spec = (name: string, hash = 'h') =>
  ServiceEntry.parse({ node, hash, path: name, spec: { service: { name, image: 'x' }, dispenser: { watch: true } } });
const manifest = ConfigManifest.parse({ node, revision: 'r', entry: 'kedge.toml', services: { web: 'h' }, delay: 1 });

describe('entries of the bucket', () => {
  it('are the manifest, the specs by name and those that wait by key, of one node', () => {
    const values: readonly (readonly [string, ServiceEntry | ConfigManifest])[] = [
      ['local._config', manifest],
      ['other._config', manifest],
      ['local.web', spec('web')],
      ['local.a.b', spec('a.b')],
      ['localhost.api', spec('api')],
      [stagedKey(node, { hash: 'h2' }), spec('web', 'h2')],
      ['local._rejected', rejectionRecord({ node, problems: [], now: new Date(0) })],
    ];
    const stored = new Map(values.map(([key, value], index) => [key, { key, value, revision: index, writtenAt: new Date(0) }]));
    const sorted = sortEntries(node, stored);
    assert.equal(sorted.manifest?.key, 'local._config');
    assert.deepEqual(sorted.services.map(nameOf), ['web', 'a.b']);
    assert.deepEqual([...sorted.staged.keys()], ['local._next.h2']);
    assert.equal(sorted.rejection?.key, 'local._rejected');
    assert.equal(sorted.services[0]?.value.hash, 'h');
  });
});
