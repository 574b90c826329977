import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { afterWrites } from './after-writes.ts';
import { rejectionRecord } from './first-rejection.ts';
import type { SortedEntries, StoredEntry } from './sort-entries.ts';

const stored = <Value>(key: string, value: Value, revision = 1): StoredEntry<Value> => ({ key, value, revision, writtenAt: new Date(0) });
const spec = (name: string, hash: string, revision = 1) => {
  const entry = { node: 'local', spec: { service: { name, image: 'nginx' }, dispenser: { watch: true } }, hash, path: name };
  return stored(`local.${name}`, ServiceEntry.parse(entry), revision);
};
const manifest = (services: Readonly<Record<string, string>>) =>
  stored('local._config', ConfigManifest.parse({ node: 'local', revision: 'r', entry: 'kedge.toml', delay: 60, services }));
const kv = (services: Readonly<Record<string, string>>, staged: SortedEntries['staged'] = new Map()): SortedEntries => ({
  manifest: manifest(services),
  services: Object.entries(services).map(([name, hash]) => spec(name, hash)),
  staged,
  rejection: null,
});
const none: ReadonlySet<string> = new Set();

describe('what KV holds after writes', () => {
  it('is what was there, what was written with its new revision, and nothing that went', () => {
    const after = afterWrites(kv({ web: 'a', old: 'o', api: 'p' }), {
      manifest: manifest({ web: 'b', api: 'p' }),
      written: [spec('web', 'b', 7)],
      gone: new Set(['local.old']),
    });
    assert.deepEqual(
      after?.services.map(({ value, revision }) => [value.spec.service.name, value.hash, revision]),
      [
        ['web', 'b', 7],
        ['api', 'p', 1],
      ],
    );
    assert.equal(after?.manifest?.value.services.web, 'b');
  });

  it('is as it was when nothing was written, spec by spec the same value', () => {
    const before = kv({ web: 'a' });
    const after = afterWrites(before, { manifest: before.manifest, written: [], gone: none });
    assert.deepEqual([after?.services.length, after?.services[0] === before.services[0]], [1, true]);
  });

  it('is in the order of the manifest, whatever the order that it was read in', () => {
    const { services, ...before } = kv({ web: 'a', api: 'p' });
    const after = afterWrites(
      { ...before, services: services.toReversed() },
      { manifest: manifest({ db: 'd', web: 'a', api: 'p' }), written: [spec('db', 'd')], gone: none },
    );
    assert.deepEqual(
      after?.services.map(({ key }) => key),
      ['local.db', 'local.web', 'local.api'],
    );
  });

  const waiting = new Map([['local._next.b', spec('web', 'b')]]);
  for (const [what, before, named] of [
    ['there is no manifest', kv({ web: 'a' }), null],
    ['the manifest names another spec than is there', kv({ web: 'a' }), { web: 'b' }],
    ['the manifest names a service that is not there', kv({ web: 'a' }), { web: 'a', api: 'p' }],
    ['a service is there that the manifest does not name', kv({ web: 'a', api: 'p' }), { web: 'a' }],
    ['a spec still waits', kv({ web: 'a' }, waiting), { web: 'a' }],
  ] as const) {
    it(`is not known when ${what}`, () => {
      assert.equal(afterWrites(before, { manifest: named && manifest(named), written: [], gone: none }), null);
    });
  }

  it('holds no rejection that went, and the one that stayed', () => {
    const rejection = stored('local._rejected', rejectionRecord({ node: NodeName.parse('local'), problems: [], now: new Date(0) }));
    const before = { ...kv({ web: 'a' }), rejection };
    const after = (gone: ReadonlySet<string>) => afterWrites(before, { manifest: before.manifest, written: [], gone })?.rejection;
    assert.deepEqual([after(none), after(new Set([rejection.key]))], [rejection, null]);
  });

  it('is known again once what waited is gone', () => {
    const before = kv({ web: 'a' }, waiting);
    const after = afterWrites(before, { manifest: before.manifest, written: [], gone: new Set(waiting.keys()) });
    assert.equal(after?.staged.size, 0);
  });
});
