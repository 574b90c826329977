import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NodeName, type ServiceEntry, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { noMemory, wishEntries as wish } from './wished-entries.ts';

const node = NodeName.parse('local');

/** With all entries, in the order of the services. */
function wishEntries(given: Parameters<typeof wish>[0]) {
  const wished = wish(given);
  return { ...wished, entries: wished.memory.made.map(({ entry }) => entry) };
}

interface Declared {
  readonly image?: string;
  /** `<key id>:<value>` under a reference of its own, or of a file that services share. */
  readonly secret?: string;
  readonly shared?: string;
  readonly folder?: string;
}

function service(name: string, { image = 'nginx', secret, shared, folder = name }: Declared) {
  const env = {
    ...(secret !== undefined && { OWN: { ref: `${name}/service.toml#/env/OWN`, fingerprint: secret } }),
    ...(shared !== undefined && { SHARED: { ref: 'all.env#/SHARED', fingerprint: shared } }),
  };
  const spec = ServiceSpec.parse({ service: { name, image }, env, dispenser: { watch: true } });
  return { name: ServiceName.parse(name), folder, spec };
}
const services = (declared: Readonly<Record<string, Declared>>) => Object.entries(declared).map(([name, each]) => service(name, each));
const inStore = (entries: readonly ServiceEntry[]) => entries.map((entry) => ({ value: entry }));

describe('the entries that a configuration wishes for', () => {
  it('are hashed as they stand', () => {
    const [web] = services({ web: { secret: 'k:1' } });
    const { entries } = wishEntries({ node, services: services({ web: { secret: 'k:1' } }), stored: [], memory: noMemory });
    assert.deepEqual(entries, [{ node, spec: web?.spec, hash: hashJson(web?.spec), path: 'web' }]);
  });

  it('are the very stored ones, not even looked into, where nothing changed since the last pass', () => {
    const first = services({ web: {}, api: {} });
    const once = wishEntries({ node, services: first, stored: [], memory: noMemory });
    const stored = inStore(once.entries);
    const untouchable = new Proxy<ServiceSpec>(first[0]?.spec ?? service('web', {}).spec, {
      get: (spec, key) => (key === 'service' ? spec.service : assert.fail('looked into')),
      ownKeys: () => assert.fail('walked'),
    });
    const web = { ...service('web', {}), spec: untouchable };
    const made = once.memory.made.map((each) => (each.name === 'web' ? { ...each, declared: web } : each));
    const memory = { ...once.memory, made };
    // Also where only the spec is the very same, and where the store has another order.
    for (const [again, kept] of [
      [web, stored],
      [{ ...web }, stored],
      [web, stored.toReversed()],
    ] as const) {
      const { entries, remade } = wishEntries({ node, services: [again, service('api', { image: 'nginx:2' })], stored: kept, memory });
      assert.equal(entries[0], stored[0]?.value);
      assert.equal(entries[1]?.spec.service.image, 'nginx:2');
      assert.deepEqual(remade, [{ entry: entries[1], place: 1 }]);
    }
  });

  it('follow what somebody else did to the store, and where the folder went', () => {
    const declared = services({ web: {} });
    const { entries, memory } = wishEntries({ node, services: declared, stored: [], memory: noMemory });
    const other = inStore(wishEntries({ node, services: services({ web: { image: 'other' } }), stored: [], memory: noMemory }).entries);
    assert.deepEqual(wishEntries({ node, services: declared, stored: other, memory }).entries, entries);
    assert.deepEqual(wishEntries({ node, services: declared, stored: [], memory }).entries, entries);
    const moved = wishEntries({ node, services: services({ web: { folder: 'site' } }), stored: inStore(entries), memory });
    assert.equal(moved.entries[0]?.path, 'site');
  });

  it('hold a new value in every service that shares its env file, also when the key was lost before', () => {
    let [stored, memory] = [inStore([]), noMemory];
    const pass = (shared: string) => {
      const wished = wishEntries({ node, services: services({ web: { shared }, api: { shared } }), stored, memory });
      [stored, memory] = [inStore(wished.entries), wished.memory];
      return wished.entries.map(({ spec }) => spec.env?.SHARED);
    };
    const is = (fingerprint: string) => [1, 2].map(() => ({ ref: 'all.env#/SHARED', fingerprint }));
    assert.deepEqual(pass('old:1'), is('old:1'));
    assert.deepEqual(pass('new:1'), is('old:1'));
    assert.deepEqual(pass('new:2'), is('new:2'));
  });

  it('are the same with what the last pass made and without', () => {
    const fingerprint = fc.constantFrom('old:1', 'old:2', 'new:1', 'new:2');
    const each = fc.record({ image: fc.constantFrom('one', 'two'), secret: fingerprint, isSharing: fc.boolean() }, { requiredKeys: [] });
    // A file that services share has one value for all of them.
    const declared = fc
      .record({ shared: fingerprint, wish: fc.dictionary(fc.constantFrom('web', 'api', 'db'), each) })
      .map(({ shared, wish }): Readonly<Record<string, Declared>> => {
        const withShared = Object.entries(wish).map(([name, { isSharing, ...own }]) => [name, { ...own, ...(isSharing && { shared }) }]);
        return Object.fromEntries(withShared);
      });
    fc.assert(
      fc.property(fc.array(fc.record({ wish: declared, isWritten: fc.boolean() }), { maxLength: 6 }), (passes) => {
        let stored = inStore([]);
        let memory = noMemory;
        for (const { wish, isWritten } of passes) {
          const fresh = wishEntries({ node, services: services(wish), stored, memory: { ...noMemory, baseline: memory.baseline } });
          const wished = wishEntries({ node, services: services(wish), stored, memory });
          assert.deepEqual(wished.entries, fresh.entries);
          assert.deepEqual(wished.memory.baseline, fresh.memory.baseline);
          assert.deepEqual(wished.memory.tree, fresh.memory.tree);
          ({ memory } = wished);
          // As they come back from KV: equal, and other objects.
          if (isWritten) stored = inStore(wished.entries.map((entry) => structuredClone(entry)));
        }
      }),
    );
  });
});
